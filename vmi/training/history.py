"""The terms of a training, averaged over windows of steps."""

import math

import torch

from vmi.training.engines import Tensors
from vmi.training.stream import BLOCK

__all__ = ["History"]

POINTS = 200  # of a training curve, at most

Means = dict[str, list[float]]  # by term, a number a seed


class History:
    """The terms of a training, averaged over windows of whole blocks.

    The means of each block are kept, and joined to windows at the end: how wide a window is depends
    on how long the training is, which may be taken further.

    Attributes:
        blocks: The step that each block ended at, and the means of its terms.
    """

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.blocks: list[tuple[int, Means]] = []
        self.pending: list[Tensors] = []

    @property
    def latest(self) -> float:
        """The loss of the last step, averaged over the seeds."""
        return float(self.pending[-1]["loss"].mean()) if self.pending else math.nan

    def add(self, step: int, terms: Tensors) -> None:
        """Takes in the terms of a step, (S,) each."""
        if step % BLOCK == 0:
            self.pending = []
        self.pending.append(terms)
        if len(self.pending) == BLOCK or step + 1 == self.steps:
            means = {n: torch.stack([t[n] for t in self.pending]).mean(0) for n in terms}
            self.blocks.append((step + 1, {n: m.tolist() for n, m in means.items()}))

    def rows(self, seed: int, steps: int) -> list[tuple[int, str, float]]:
        """Returns (step, term, value) of a seed for the windows within its first steps."""
        width = max(1, math.ceil(self.steps / POINTS / BLOCK))  # in blocks
        windows = [self.blocks[i : i + width] for i in range(0, len(self.blocks), width)]
        return [
            (window[-1][0], name, _mean(window, name, seed))
            for window in windows
            if window[-1][0] <= steps and (len(window) == width or window[-1][0] == self.steps)
            for name in window[-1][1]
        ]


def _mean(window: list[tuple[int, Means]], name: str, seed: int) -> float:
    """The mean over the steps of some blocks, of which the last may be cut short."""
    if len(window) == 1:
        return window[0][1][name][seed]
    steps = [(end - 1) % BLOCK + 1 for end, _ in window]
    total = math.fsum(n * means[name][seed] for n, (_, means) in zip(steps, window, strict=True))
    return total / sum(steps)
