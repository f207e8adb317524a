model = Sequential()
model.add(Dense(512, activation='relu', input_dim=10000))
model.add(Dense(416, activation='sigmoid'))
model.compile(optimizer='rmsprop', loss='binary_crossentropy', metrics=['accuracy'])
