"""A task of learning: columns that are drawn in any number, and the graph of their dependence."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from torch import Generator, Tensor

__all__ = ["GraphTask"]

NAMED = 10  # nodes; of more, single pairs are not kept


@dataclass(frozen=True)
class GraphTask:
    """Columns whose Markov network is known.

    Attributes:
        graph: (D, D) truth values: which two columns are dependent given all others.
        draw: Draws n rows with a generator, (n, D), float64.
        information: (D, D), I(x_i; x_j | the others) in nats; None where it is not known.
    """

    graph: np.ndarray
    draw: Callable[[int, Generator], Tensor]
    information: np.ndarray | None = None

    def sample(self, n: int, generator: Generator) -> np.ndarray:
        """Draws n rows, (n, D), float64."""
        x = self.draw(n, generator).numpy()
        if x.shape != (n, len(self.graph)):
            raise ValueError(f"{n} rows are ({n}, {len(self.graph)}), not {x.shape}")
        return x

    @property
    def truths(self) -> dict[str, float]:
        """The scores of the graph itself, and of few nodes which pairs are joined."""
        edges = float(np.triu(self.graph, 1).sum())
        known = {"hamming": 0.0, "precision": 1.0, "recall": 1.0, "f1": 1.0, "auc": 1.0}
        known["edges"] = edges
        if len(self.graph) <= NAMED:
            pairs = combinations(range(len(self.graph)), 2)
            known |= {f"edges/{i}-{j}": float(self.graph[i, j]) for i, j in pairs}
        return known
