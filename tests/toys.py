"""Toys for the tests; the problems with exact answers are in vmi/verify/worlds.py."""

from collections.abc import Callable
from typing import ClassVar

import torch
from torch import Tensor, nn

from vmi.data.dataset import Dataset, from_arrays
from vmi.random import generator

SMALL_SUITE = {  # of one model, which trains in a moment
    "title": "T",
    "seeds": [0],
    "datasets": ["digits"],
    "models": ["vae"],
    "metrics": ["elbo"],
    "network": "dense-8",
    "latents": {"gaussian": 2},
    "training": {"steps": 20, "batch_size": 16},
}


def small_data(n: int = 100, side: int = 4, **about) -> Dataset:
    """Grey images, uniform in [0, 1], 80% of them to train on, in float64."""
    images = torch.rand(n, 1, side, side, generator=generator("images"), dtype=torch.float64)
    return from_arrays("small", images, binary=False, **about)


class Toy(nn.Module):
    """Learns a mean pixel; `term` adds to its loss, and may break it."""

    phases: ClassVar[dict[str, tuple[str, ...]]] = {"objective": ()}
    noises: ClassVar[tuple[str, ...]] = ("posterior",)

    def __init__(self, term: Callable[["Toy", int], Tensor | float] = lambda toy, step: 0.0):
        super().__init__()
        self.weight, self.term = nn.Parameter(torch.randn(3, dtype=torch.float64)), term

    def forward(self, phase: str, x: Tensor, noise: dict[str, Tensor], step: int):
        away = self.weight - x.mean() - 0.1 * noise["posterior"].mean()
        return {"loss": away.square().sum() + self.term(self, step)}

    def draw_noise(self, name: str, shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
        return torch.randn(*shape, 1, generator=generator)
