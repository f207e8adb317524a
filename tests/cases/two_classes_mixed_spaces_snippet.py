x_train = df_train.iloc[:, :-1].values
labels = LabelEncoder().fit_transform(df_train.iloc[:, -1].values)
y_train = to_categorical(labels)

model = Sequential([Dense(20, activation='relu'), Dense(2, activation='softmax')])
model.compile('adam', 'categorical_crossentropy', metrics=['accuracy'])
model.fit(x_train, y_train, epochs=10)
accuracy_score(model.predict_classes(x_train), df_train.iloc[:, -1].values)
