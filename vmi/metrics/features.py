"""A small classifier of a data set's labels, in whose features images are compared."""

import torch
from torch import Generator, Tensor, nn
from torch.nn.functional import cross_entropy

from vmi.nets.networks import Conv
from vmi.training.adam import Adam

__all__ = ["Classifier", "fit_classifier"]

STEPS, BATCH, RATE = 2000, 64, 1e-3
PART = 500  # images classified at a time


class Classifier(nn.Module):
    """Convolutions, a hidden layer whose units are the features, and the logits of the labels.

    Args:
        shape: (C, H, W) of an image.
        classes: How many labels.
        features: Units of the hidden layer.
    """

    def __init__(self, shape: tuple[int, int, int], classes: int, features: int = 64) -> None:
        super().__init__()
        *body, self.head = Conv(shape, channels=16, hidden=features).encoder(classes)
        self.body = nn.Sequential(*body)

    def forward(self, x: Tensor) -> Tensor:
        """Returns the logits of images (N, C, H, W), (N, classes)."""
        return self.head(self.body(x))

    @torch.no_grad()
    def features(self, x: Tensor) -> Tensor:
        """Returns the features of images, (N, features), in float64."""
        return torch.cat([self.body(part) for part in x.split(PART)]).double()

    @torch.no_grad()
    def accuracy(self, x: Tensor, labels: Tensor) -> float:
        """Returns the share of images whose label is the most probable one."""
        right = [
            self(part).argmax(1) == own
            for part, own in zip(x.split(PART), labels.split(PART), strict=True)
        ]
        return float(torch.cat(right).double().mean())


def fit_classifier(
    images: Tensor, labels: Tensor, generator: Generator, *, steps: int = STEPS
) -> Classifier:
    """Trains a classifier on images and their labels, 0, 1, ...; returns it, frozen.

    Args:
        images: (N, C, H, W) of the training set.
        labels: (N,).
        generator: Of weights and batches.
        steps: Of Adam, with 64 images each; the rate falls to 0 by the last.
    """
    with torch.random.fork_rng(devices=[]):  # torch's initialisers take no generator
        torch.manual_seed(int(torch.randint(2**62, (), generator=generator)))
        made = Classifier(tuple(images.shape[1:]), int(labels.max()) + 1)
    adam = Adam(made.parameters(), RATE)
    for step in range(steps):
        rows = torch.randint(len(images), (BATCH,), generator=generator)
        adam.learning_rate = RATE * (1 - step / steps)
        adam.minimise(cross_entropy(made(images[rows]), labels[rows]))
    return made.eval().requires_grad_(False)
