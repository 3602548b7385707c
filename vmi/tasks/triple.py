"""A task of independence: x, y and z that are drawn in any number, and what is known of them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from torch import Generator, Tensor

__all__ = ["Triple"]

LEVEL = 0.05  # at which tests are counted to reject


@dataclass(frozen=True)
class Triple:
    """x, y and z, of which I(x;y|z) is known.

    Attributes:
        information: I(x;y|z) in nats; 0 where x and y are independent given z.
        draw: Draws n rows with a generator: (n, Dx), (n, Dy) and (n, Dz), Dz 0 or more; integers
            are classes, float64 are amounts.
    """

    information: float
    draw: Callable[[int, Generator], tuple[Tensor, Tensor, Tensor]]

    def sample(
        self, n: int, generator: Generator
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        """Draws n rows; z is None where it has no columns."""
        x, y, z = (values.numpy() for values in self.draw(n, generator))
        return x, y, z if z.shape[1] else None

    @property
    def null(self) -> bool:
        """Whether x and y are independent given z."""
        return self.information == 0

    @property
    def truths(self) -> dict[str, float]:
        """What is known: the information, and where it is 0 what a test with its level expects."""
        expected = {"rejected": LEVEL, "p-value": 0.5} if self.null else {}
        return {"information": self.information} | expected
