import numpy as np
import pandas as pd
from keras.layers import Dense
from keras.models import Sequential

df = pd.read_csv('patients.csv')
df['outcome'] = df['outcome'].map({'healthy': 1, 'ill': 2})
X = df.drop('outcome', axis=1).values
y = df['outcome'].values

model = Sequential()
model.add(Dense(16, activation='relu', input_dim=X.shape[1]))
model.add(Dense(1, activation='sigmoid'))
model.compile(loss='binary_crossentropy', optimizer='adam', metrics=['accuracy'])
model.fit(X, y, epochs=30, batch_size=10)
