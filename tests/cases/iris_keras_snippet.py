dataset = pd.read_csv('iris.csv')
X = dataset.iloc[:, :-1].values
y = dataset.iloc[:, -1].values

X = StandardScaler().fit_transform(X)
y = LabelEncoder().fit_transform(y)
y = OneHotEncoder().fit_transform(y.reshape(-1, 1)).toarray()

model = Sequential()
model.add(Dense(8, input_shape=(4,), activation='relu'))
model.add(Dense(3, activation='softmax'))
model.compile(optimizer=Adam(lr=.005, decay=1e-5), loss='categorical_crossentropy', metrics=['accuracy'])
log = model.fit(X, y, validation_split=0.2, epochs=200)
print(log.history['acc'][-1])
