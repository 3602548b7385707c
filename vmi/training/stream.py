"""One seed's batches and noise, block by block."""

import math
from collections.abc import Iterator
from itertools import islice

import torch
from torch import Tensor

from vmi.data.dataset import Dataset, bits, pixels
from vmi.random import generator
from vmi.training.engines import Tensors, Trainable

__all__ = ["BLOCK", "Stream"]

BLOCK = 50  # steps whose order and noise are drawn at once; a part of the results' definition


class Stream:
    """One seed's batches and noise, block by block."""

    def __init__(self, dataset: Dataset, seed: int, model: Trainable, batch_size: int) -> None:
        self.images, self.dynamic = dataset.train.images, dataset.binarisation == "dynamic"
        self.batch_size, self.seed, self.model = min(batch_size, len(self.images)), seed, model
        self.bits, self.order = generator(seed, "bits"), generator(seed, "order")
        self.noises = {name: generator(seed, "noise", name) for name in model.noises}
        self.epoch_began, self.taken, self.batches = self.order.get_state(), 0, self._batches()

    def state(self) -> Tensors:
        """Returns where it stands: its generators, and how far the epoch is."""
        noises = {f"noise/{name}": g.get_state() for name, g in self.noises.items()}
        epoch = {"order": self.epoch_began, "taken": torch.tensor(self.taken)}
        return {"bits": self.bits.get_state(), **epoch, **noises}

    def place(self, state: Tensors) -> None:
        """Goes to where it stood."""
        self.bits.set_state(state["bits"])
        self.order.set_state(state["order"])
        for name, g in self.noises.items():
            g.set_state(state[f"noise/{name}"])
        self.taken, self.batches = int(state["taken"]), self._batches()

    def block(self) -> tuple[Tensor, Tensors]:
        """Draws the images, (BLOCK, B, C, H, W), and the noise of the next block of steps."""
        x = pixels(self.images[torch.stack(list(islice(self.batches, BLOCK)))])
        if self.dynamic:
            x = bits(x, torch.rand(x.shape, generator=self.bits))
        return x, {n: self.model.draw_noise(n, x.shape[:2], g) for n, g in self.noises.items()}

    def epoch(self) -> Iterator[tuple[Tensor, Tensors]]:
        """Draws about as many images as there are, batch by batch."""
        left = math.ceil(len(self.images) / self.batch_size)
        while left > 0:
            x, noise = self.block()
            for i in range(min(left, BLOCK)):
                yield x[i], {name: e[i] for name, e in noise.items()}
            left -= BLOCK

    def example(self) -> Tensor:
        """The first images, to try a model on; draws nothing."""
        return pixels(self.images[: self.batch_size])

    def _batches(self) -> Iterator[Tensor]:
        """Indices of one batch after the other, in a new random order each epoch."""
        n = len(self.images)
        while True:
            self.epoch_began = self.order.get_state()
            order = torch.randperm(n, generator=self.order).split(self.batch_size)
            for batch in order[self.taken : n // self.batch_size]:
                self.taken += 1
                yield batch
            self.taken = 0
