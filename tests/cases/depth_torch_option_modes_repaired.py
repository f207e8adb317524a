import argparse

import torch
import torch.nn as nn

ACTIVATIONS = {"sigmoid": nn.Sigmoid, "none": nn.Identity}


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--loss", default="bce", choices=["bce", "logits"])
    parser.add_argument("--activation", default="sigmoid", choices=list(ACTIVATIONS))
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--probe", action="store_true", help="train a linear probe, too")
    return parser.parse_args()


class Net(nn.Module):
    def __init__(self, args):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(20, args.width), nn.ReLU())
        self.head = nn.Linear(args.width, 1)
        self.activation = ACTIVATIONS[args.activation]()

    def forward(self, x):
        return self.activation(self.head(self.body(x)))


def train(model, criterion, loader):
    optimizer = torch.optim.Adam(model.parameters())
    for x, y in loader:
        optimizer.zero_grad()
        criterion(model(x), y).backward()
        optimizer.step()


def main(loader):
    args = parse()
    model = Net(args)
    if args.loss == "bce":
        train(model, nn.BCELoss(), loader)
    elif args.loss == "logits":
        train(model, nn.BCEWithLogitsLoss(), loader)
    if args.probe:
        train(nn.Sequential(nn.Linear(20, 1)), nn.BCEWithLogitsLoss(), loader)
