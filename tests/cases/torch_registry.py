import torch
from torch import nn

MODELS = {}


def register(name):
    def wrap(cls):
        MODELS[name] = cls
        return cls

    return wrap


@register("mlp")
class MLP(nn.Module):
    def __init__(self, n_in=32, n_hidden=64):
        super().__init__()
        self.fc1 = nn.Linear(n_in, n_hidden)
        self.fc2 = nn.Linear(n_hidden, 1)
        self.act = nn.ReLU()
        self.out_act = nn.Sigmoid()

    def forward(self, x):
        x = self.act(self.fc1(x))
        x = self.fc2(x)
        return x.view(-1)


class Runner:
    criterion = nn.BCELoss()

    def __init__(self, name, **kwargs):
        self.net = MODELS[name](**kwargs)
        self.opt = torch.optim.Adam(self.net.parameters(), lr=1e-3)

    def run(self, loader):
        for x, y in loader:
            self.opt.zero_grad()
            loss = self.criterion(self.net(x), y.float())
            loss.backward()
            self.opt.step()


if __name__ == "__main__":
    runner = Runner("mlp", n_in=20)
    runner.run(torch.load("loader.pt"))
