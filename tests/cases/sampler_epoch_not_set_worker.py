import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, TensorDataset
from torch.utils.data.distributed import DistributedSampler


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 2))

    def forward(self, x):
        return self.layers(x)


def loader_for(dataset, rank, world):
    sampler = DistributedSampler(dataset, num_replicas=world, rank=rank, shuffle=True)
    return DataLoader(dataset, batch_size=64, sampler=sampler, num_workers=2)


def train_epoch(model, loader, optimizer, criterion):
    for x, y in loader:
        optimizer.zero_grad()
        criterion(model(x), y).backward()
        optimizer.step()


def worker(rank, world):
    dist.init_process_group("nccl", rank=rank, world_size=world)
    blob = torch.load("train.pt", weights_only=True)
    loader = loader_for(TensorDataset(blob["x"], blob["y"]), rank, world)
    model = DistributedDataParallel(Net().to(rank), device_ids=[rank])
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    criterion = nn.CrossEntropyLoss()
    for epoch in range(20):
        train_epoch(model, loader, optimizer, criterion)
