"""What a learner of Markov networks returns: an undirected graph, with a weight for each pair."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from vmi.errors import NotApplicable

__all__ = ["Learned", "pairs", "symmetric"]


@dataclass(frozen=True)
class Learned:
    """An undirected graph of D nodes.

    Attributes:
        edges: (D, D) truth values, symmetric, none on the diagonal.
        weights: (D, D) numbers, symmetric; the larger, the likelier the edge: 1 - p of a test, or
            the size of a partial correlation.
        tests: How many tests of independence were made; 0 of a learner that makes none.
        warning: What to beware of; "" where all is well.
    """

    edges: np.ndarray
    weights: np.ndarray
    tests: int = 0
    warning: str = ""

    def __post_init__(self) -> None:
        """Refuses what is no undirected graph."""
        shapes = {self.edges.shape, self.weights.shape, self.edges.shape[::-1]}
        if len(shapes) > 1 or self.edges.ndim != 2:
            raise ValueError(f"a graph and its weights are (D, D), not {self.edges.shape}")
        if (self.edges != self.edges.T).any() or self.edges.diagonal().any():
            raise ValueError("an undirected graph is symmetric, with nothing on the diagonal")

    @property
    def found(self) -> list[tuple[int, int]]:
        """The edges, each once, the smaller node first."""
        return [(i, j) for i, j in pairs(len(self.edges)) if self.edges[i, j]]


def pairs(nodes: int) -> list[tuple[int, int]]:
    """Returns all pairs of nodes, the smaller first.

    Example:
        >>> pairs(3)
        [(0, 1), (0, 2), (1, 2)]
    """
    return list(combinations(range(nodes), 2))


def symmetric(matrix: np.ndarray, rule: str) -> np.ndarray:
    """Returns a matrix (D, D) of what each node says of each other as what both say, or either.

    Args:
        matrix: Truth values or numbers.
        rule: "and" takes the smaller of the two, "or" the larger.

    Raises:
        NotApplicable: It is another rule.
    """
    if rule not in ("and", "or"):
        raise NotApplicable(f"the rule {rule!r} is neither 'and' nor 'or'")
    both = np.minimum if rule == "and" else np.maximum
    found = both(matrix, matrix.T)
    np.fill_diagonal(found, 0)
    return found
