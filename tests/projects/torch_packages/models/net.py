import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.fc = nn.Linear(20, classes)

    def forward(self, x):
        return F.softmax(self.fc(x), dim=1)
