import numpy as np
from keras.layers import Activation, Dense, Dropout
from keras.models import Sequential

x_train = np.load('articles.npy')
y_train = np.load('tags.npy')  # (n, 416), zeros and ones

model = Sequential()
model.add(Dense(1024, input_shape=(x_train.shape[1],)))
model.add(Activation('relu'))
model.add(Dropout(0.5))
model.add(Dense(416))
model.add(Activation('sigmoid'))

model.compile(loss='binary_crossentropy', optimizer='adam', metrics=['accuracy'])
model.fit(x_train, y_train, epochs=10, batch_size=128)
