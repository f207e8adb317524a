import torch
from torch.optim.lr_scheduler import StepLR


def optimiser_for(model, step_size):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    return optimizer, StepLR(optimizer, step_size=step_size, gamma=0.1)
