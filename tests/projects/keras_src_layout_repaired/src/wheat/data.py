import pandas as pd
from sklearn.preprocessing import LabelEncoder


def load(path):
    table = pd.read_csv(path)
    return table.drop(columns=["variety"]), LabelEncoder().fit_transform(table["variety"])
