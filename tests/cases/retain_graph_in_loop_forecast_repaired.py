"""Load forecast with a recurrent state that is kept from window to window."""

import torch
from torch import nn


class Recurrent(nn.Module):
    def __init__(self, inputs=6, width=32):
        super().__init__()
        self.rnn = nn.GRU(inputs, width, batch_first=True)
        self.head = nn.Linear(width, 1)

    def forward(self, window, state):
        outputs, state = self.rnn(window, state)
        return self.head(outputs[:, -1]).squeeze(1), state


class Forecast:
    def __init__(self, model):
        self.model = model
        self.optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
        self.state = None

    def predict(self, window):
        load, self.state = self.model(window, self.state)
        self.state = self.state.detach()
        return load

    def update(self, loss):
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()

    def learn(self, window, load):
        loss = nn.functional.mse_loss(self.predict(window), load)
        self.update(loss)
        return loss.item()


def train(forecast, windows):
    losses = []
    for window, load in windows:
        losses.append(forecast.learn(window, load))
    return sum(losses) / len(losses)


torch.manual_seed(0)
windows = torch.load("windows.pt")
forecast = Forecast(Recurrent())
print(train(forecast, windows))
