from dataclasses import dataclass

import numpy as np
from leaf import build, fit


@dataclass
class Settings:
    width: int = 96
    depth: int = 3
    species: int = 32
    rate: float = 5e-4


def batches(path, size=128):
    archive = np.load(path)
    for start in range(0, len(archive["species"]), size):
        yield {name: archive[name][start : start + size] for name in ("measured", "species")}


if __name__ == "__main__":
    settings = Settings()
    fit(build(settings), batches("leaves.npz"), settings.rate)
