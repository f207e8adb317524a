from torch import nn


class Classifier(nn.Module):
    def __init__(self, settings):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(settings.inputs, settings.width), nn.ReLU(), nn.Dropout(settings.dropout))
        self.head = nn.Linear(settings.width, settings.classes)

    def forward(self, x):
        return self.head(self.body(x))


def build(settings):
    return Classifier(settings)
