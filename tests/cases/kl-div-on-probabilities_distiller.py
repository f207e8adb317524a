"""Distil a large tagger of plankton images into a small one."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, models, transforms

SPECIES = 12


class Tempered(nn.Module):
    """A network whose output is softened by a temperature."""

    def __init__(self, network, temperature):
        super().__init__()
        self.network = network
        self.temperature = temperature

    def forward(self, images):
        return self.network(images)

    def soften(self, scores):
        return F.softmax(scores / self.temperature, dim=1)


class Distiller:
    def __init__(self, student, teacher, settings):
        self.student, self.teacher = student, teacher
        self.weight = settings["weight"]
        self.divergence = nn.KLDivLoss(reduction=settings["reduction"])
        self.optimizer = torch.optim.AdamW(student.parameters(), lr=settings["lr"])

    def targets(self, images):
        with torch.no_grad():
            return self.teacher.soften(self.teacher(images))

    def loss(self, images, labels):
        scores = self.student(images)
        soft = self.divergence(self.student.soften(scores), self.targets(images))
        return self.weight * soft + (1 - self.weight) * F.cross_entropy(scores, labels)

    def train(self, loader, epochs):
        for _ in range(epochs):
            for images, labels in loader:
                loss = self.loss(images, labels)
                self.optimizer.zero_grad()
                loss.backward()
                self.optimizer.step()


def main():
    settings = {"weight": 0.7, "reduction": "batchmean", "lr": 3e-4}
    student = Tempered(models.mobilenet_v2(num_classes=SPECIES), 4.0)
    teacher = Tempered(models.resnet50(num_classes=SPECIES), 4.0)
    photos = datasets.ImageFolder("plankton", transform=transforms.ToTensor())
    Distiller(student, teacher, settings).train(DataLoader(photos, batch_size=32, shuffle=True), epochs=5)


if __name__ == "__main__":
    main()
