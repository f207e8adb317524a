from .networks import build
from .training import fit

__all__ = ["build", "fit"]
