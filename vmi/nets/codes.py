"""Codes: the posterior q(z|x) of each image, encoded once and stored."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from vmi.data.dataset import Split, evenly_spread
from vmi.errors import NotApplicable
from vmi.nets.joint_code import JointCode

__all__ = ["Codes", "encode"]

TINY = 1e-30  # of a probability, so that its logarithm is finite


@dataclass(frozen=True)
class Codes:
    """The posteriors of N images, with the images' labels and factors.

    Attributes:
        mean: (N, G) means of the Gaussian block; G may be 0.
        scale: (N, G) standard deviations.
        categorical: For each categorical block, (N, K) probabilities.
        labels: (N,) int64, or None.
        factors: (N, F), or None.
    """

    mean: Tensor
    scale: Tensor
    categorical: tuple[Tensor, ...] = ()
    labels: Tensor | None = None
    factors: Tensor | None = None

    def __len__(self) -> int:
        return len(self.mean)

    @property
    def posterior(self) -> JointCode:
        """The distributions q(z|x_i), in float64.

        Raises:
            NotApplicable: A standard deviation is 0: the codes are points, without a density.
        """
        if not self.scale.all():
            raise NotApplicable("the codes have no scales, and so no density")
        logits = [p.double().clamp_min(TINY).log() for p in self.categorical]
        return JointCode(self.mean.double(), self.scale.double(), logits)

    def gaussian_block(self) -> "Codes":
        """Returns the codes without their categories.

        Raises:
            NotApplicable: There is no Gaussian block.
        """
        if not self.mean.shape[1]:
            raise NotApplicable("the code has no Gaussian block")
        return replace(self, categorical=())

    def categorical_block(self) -> "Codes":
        """Returns the codes without their Gaussian dimensions.

        Raises:
            NotApplicable: There is no categorical block.
        """
        if not self.categorical:
            raise NotApplicable("the code has no categorical block")
        return replace(self, mean=self.mean[:, :0], scale=self.scale[:, :0])

    def leading(self, dimensions: int) -> "Codes":
        """Returns the codes with only the first of their Gaussian dimensions."""
        return replace(self, mean=self.mean[:, :dimensions], scale=self.scale[:, :dimensions])

    def thinned(self, most: int) -> "Codes":
        """Returns at most `most` of the codes, evenly spread over all."""
        if len(self) <= most:
            return self
        chosen = evenly_spread(len(self), most)
        parts = (self.mean, self.scale, self.labels, self.factors)
        mean, scale, labels, factors = (None if p is None else p[chosen] for p in parts)
        return Codes(mean, scale, tuple(p[chosen] for p in self.categorical), labels, factors)

    def save(self, path: Path) -> None:
        """Writes the arrays `codes`, `codes_scale`, `codes_categorical_0`, ... as npz."""
        arrays = {"codes": self.mean, "codes_scale": self.scale}
        arrays |= {f"codes_categorical_{i}": p for i, p in enumerate(self.categorical)}
        arrays |= {"labels": self.labels, "factors": self.factors}
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(path, **{name: a.numpy() for name, a in arrays.items() if a is not None})

    @classmethod
    def load(cls, path: Path) -> "Codes":
        """Reads what `save` wrote; nothing in the file is ever run."""
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: torch.from_numpy(file[name]) for name in file.files}
        categorical = [n for n in arrays if n.startswith("codes_categorical_")]
        return cls(
            arrays["codes"],
            arrays["codes_scale"],
            tuple(arrays[f"codes_categorical_{i}"] for i in range(len(categorical))),
            arrays.get("labels"),
            arrays.get("factors"),
        )


@torch.no_grad()
def encode(model: nn.Module, split: Split, batch_size: int = 1000) -> Codes:
    """Encodes the images of a split, floats (N, C, H, W), by a model in evaluation mode."""
    posteriors = [model.encoder(x) for x in split.images.split(batch_size)]
    return Codes(
        torch.cat([q.gaussian.mean for q in posteriors]),
        torch.cat([q.gaussian.stddev for q in posteriors]),
        tuple(_stacked([c.probs for c in q.categoricals] for q in posteriors)),
        split.labels,
        split.factors,
    )


def _stacked(blocks: Iterator[list[Tensor]]) -> Iterator[Tensor]:
    for block in zip(*blocks, strict=True):
        yield torch.cat(block)
