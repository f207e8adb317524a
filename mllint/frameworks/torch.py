"""torch, torchvision and Lightning. Importing this module registers their rows."""

from __future__ import annotations

from mllint.frameworks import torch_data, torch_layers, torch_losses, torch_optim, torch_tensors

__all__ = ["torch_data", "torch_layers", "torch_losses", "torch_optim", "torch_tensors"]
