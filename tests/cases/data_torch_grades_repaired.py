import pandas as pd
import torch
from torch import nn
from torch.utils.data import Dataset, DataLoader
from torchvision import transforms
from PIL import Image

GRADES = {"poor": 0, "fair": 1, "good": 2, "best": 3}


class GrainDataset(Dataset):
    def __init__(self, csv_file, root, transform=None):
        self.frame = pd.read_csv(csv_file)
        self.root = root
        self.transform = transform
        self.labels = self.frame["grade"].map(GRADES).values

    def __len__(self):
        return len(self.frame)

    def __getitem__(self, idx):
        image = Image.open(self.root + self.frame.iloc[idx, 0])
        if self.transform:
            image = self.transform(image)
        label = torch.tensor(self.labels[idx], dtype=torch.long)
        return {"image": image, "label": label}


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(3, 8, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 4)
        )

    def forward(self, x):
        return self.net(x)


class Trainer:
    def __init__(self, model, loader, device):
        self.model = model.to(device)
        self.loader = loader
        self.device = device
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.Adam(self.model.parameters())

    def run_epoch(self):
        for batch in self.loader:
            x = batch["image"].to(self.device)
            y = batch["label"].to(self.device)
            self.optimizer.zero_grad()
            loss = self.criterion(self.model(x), y)
            loss.backward()
            self.optimizer.step()


def main():
    tf = transforms.Compose([transforms.Resize((64, 64)), transforms.ToTensor()])
    ds = GrainDataset("train.csv", "img/", tf)
    loader = DataLoader(ds, batch_size=32, shuffle=True)
    Trainer(Net(), loader, "cuda").run_epoch()


main()
