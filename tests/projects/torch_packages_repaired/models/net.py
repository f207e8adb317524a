import torch.nn as nn


class Net(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.fc = nn.Linear(20, classes)

    def forward(self, x):
        return self.fc(x)
