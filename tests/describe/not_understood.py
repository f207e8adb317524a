import torch
from torch import nn

from project.data import get_loaders
from zoo.models import build

train_loader, test_loader = get_loaders("birds")
model = build(10)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters())


class Finetuned(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = build("resnet")
        self.head = nn.Linear(512, 5)

    def forward(self, x):
        return self.head(self.backbone(x))


for epoch in range(10):
    for images, labels in train_loader:
        optimizer.zero_grad()
        scores = model(images)
        loss = criterion(scores, labels)
        loss.backward()
        optimizer.step()

keras_model = build("keras")
keras_model.fit(train_loader)
