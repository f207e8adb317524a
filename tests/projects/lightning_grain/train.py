import argparse

import lightning as L

from grain.data import KernelData
from grain.kinds import KINDS
from grain.net import KernelNet


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("root")
    args = parser.parse_args()
    trainer = L.Trainer(max_epochs=10)
    trainer.fit(KernelNet(len(KINDS)), datamodule=KernelData(args.root))


if __name__ == "__main__":
    main()
