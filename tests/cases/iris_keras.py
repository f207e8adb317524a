import pandas as pd
import matplotlib.pyplot as plt
from keras.models import Sequential
from keras.layers import Dense
from keras.optimizers import Adam
from sklearn.preprocessing import LabelEncoder, OneHotEncoder, StandardScaler

names = ['sepal_length', 'sepal_width', 'petal_length', 'petal_width', 'species']
df = pd.read_csv('iris.data', names=names)

X = df.iloc[:, 0:4].values
y = df.iloc[:, 4].values

scaler = StandardScaler()
X = scaler.fit_transform(X)

encoder = LabelEncoder()
y = encoder.fit_transform(y)
onehot = OneHotEncoder()
Y = onehot.fit_transform(y.reshape(-1, 1)).toarray()

model = Sequential()
model.add(Dense(8, input_dim=4, activation='relu'))
model.add(Dense(3, activation='softmax'))
model.compile(loss='categorical_crossentropy', optimizer=Adam(lr=0.01, decay=1e-4), metrics=['accuracy'])

log = model.fit(X, Y, epochs=100, batch_size=5, validation_split=0.2)

plt.plot(log.history['acc'])
plt.plot(log.history['val_acc'])
plt.legend(['train', 'validation'])
plt.show()
