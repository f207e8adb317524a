"""Tags songs with moods: a song has several. The encoder is in the data module, the loss in the trainer."""
import pandas as pd
import torch
from sklearn.preprocessing import MultiLabelBinarizer
from torch import nn
from torch.utils.data import DataLoader, Dataset


class Songs(Dataset):
    def __init__(self, frame, encoder, fit=False):
        moods = frame["moods"].apply(lambda text: text.split(","))
        encoded = encoder.fit_transform(moods) if fit else encoder.transform(moods)
        self.x = torch.tensor(frame.drop(columns="moods").to_numpy(), dtype=torch.float32)
        self.y = torch.tensor(encoded, dtype=torch.float32)

    def __len__(self):
        return len(self.x)

    def __getitem__(self, index):
        return self.x[index], self.y[index]


class Tagger(nn.Module):
    def __init__(self, features, moods):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(features, 128), nn.ReLU(), nn.Dropout(0.3))
        self.head = nn.Linear(128, moods)

    def forward(self, x):
        return self.head(self.body(x))


class Trainer:
    def __init__(self, model, device="cpu"):
        self.model = model.to(device)
        self.device = device
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)

    def step(self, batch):
        x, y = (part.to(self.device) for part in batch)
        loss = self.criterion(self.model(x), y)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def fit(self, loader, epochs):
        self.model.train()
        for epoch in range(epochs):
            total = sum(self.step(batch) for batch in loader)
            print(epoch, total / len(loader))


def main():
    frame = pd.read_csv("songs.csv")
    encoder = MultiLabelBinarizer()
    songs = Songs(frame, encoder, fit=True)
    model = Tagger(frame.shape[1] - 1, len(encoder.classes_))
    Trainer(model).fit(DataLoader(songs, batch_size=32, shuffle=True), epochs=5)


main()
