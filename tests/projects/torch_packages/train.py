import torch

import config
from engine.trainer import Trainer
from models import Net


def main():
    model = Net(config.NUM_CLASSES)
    trainer = Trainer(model, torch.optim.SGD(model.parameters(), lr=0.1))
    trainer.fit(torch.utils.data.DataLoader(load()), epochs=3)


if __name__ == "__main__":
    main()
