import pandas as pd
from keras.layers import Dense, Dropout
from keras.models import Sequential
from keras.utils import to_categorical
from sklearn.metrics import accuracy_score
from sklearn.preprocessing import LabelEncoder

df_train = pd.read_csv('train.csv')
x_train = df_train.iloc[:, :-1].values
y_train = df_train.iloc[:, -1].values  # 1 or 2

encoder = LabelEncoder()
encoder.fit(y_train)
encoded_y = encoder.transform(y_train)
dummy_y = to_categorical(encoded_y)

model = Sequential()
model.add(Dense(32, input_dim=x_train.shape[1], activation='relu'))
model.add(Dropout(0.2))
model.add(Dense(2, activation='softmax'))
model.compile(loss='categorical_crossentropy', optimizer='adam', metrics=['accuracy'])
model.fit(x_train, dummy_y, epochs=50, batch_size=16)

print(accuracy_score(model.predict_classes(x_train), df_train.iloc[:, -1].values))
