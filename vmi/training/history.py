"""The terms of a training, averaged over windows of steps."""

import math

import torch

from vmi.training.engines import Tensors
from vmi.training.stream import BLOCK

__all__ = ["History"]

POINTS = 200  # of a training curve, at most


class History:
    """The terms of a training, averaged over windows of whole blocks."""

    def __init__(self, seeds: int, steps: int) -> None:
        self.window = BLOCK * max(1, math.ceil(steps / POINTS / BLOCK))
        self.steps, self.seeds = steps, seeds
        self.pending: list[Tensors] = []
        self.means: list[tuple[int, dict[str, list[float]]]] = []

    @property
    def latest(self) -> float:
        """The loss of the last step, averaged over the seeds."""
        return float(self.pending[-1]["loss"].mean()) if self.pending else math.nan

    def add(self, step: int, terms: Tensors) -> None:
        """Takes in the terms of a step, (S,) each."""
        if len(self.pending) >= self.window:
            self.pending = []
        self.pending.append(terms)
        if len(self.pending) == self.window or step + 1 == self.steps:
            means = {n: torch.stack([t[n] for t in self.pending]).mean(0) for n in terms}
            self.means.append((step + 1, {n: m.tolist() for n, m in means.items()}))

    def rows(self, seed: int, steps: int) -> list[tuple[int, str, float]]:
        """Returns (step, term, value) of a seed for the windows within its first steps."""
        return [
            (step, name, values[seed])
            for step, means in self.means
            if step <= steps
            for name, values in means.items()
        ]
