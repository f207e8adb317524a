"""Sort recordings of birds by species from their spectra."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

SPECIES = 8


def activation(name, axis):
    return {"softmax": nn.Softmax, "log": nn.LogSoftmax}[name](dim=axis)


class Classifier(nn.Module):
    def __init__(self, bins, output="log", axis=0):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(bins, 128), nn.ReLU(), nn.Dropout(0.2), nn.Linear(128, SPECIES))
        self.output = activation(output, axis)

    def forward(self, spectra):
        return self.output(self.layers(spectra))


def batches():
    spectra = torch.rand(4096, 257)
    species = torch.randint(0, SPECIES, (4096,))
    return DataLoader(TensorDataset(spectra, species), batch_size=64, shuffle=True)


def train(model, loader, epochs):
    criterion = nn.NLLLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(epochs):
        for spectra, species in loader:
            optimizer.zero_grad()
            loss = criterion(model(spectra), species)
            loss.backward()
            optimizer.step()


train(Classifier(257), batches(), epochs=5)
