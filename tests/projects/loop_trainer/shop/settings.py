from dataclasses import dataclass


@dataclass
class Settings:
    inputs: int = 24
    width: int = 64
    classes: int = 6
    dropout: float = 0.3
    rate: float = 1e-3
    epochs: int = 12
