"""What a learner of Markov networks returns: an undirected graph, with a weight for each pair."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from vmi.errors import NotApplicable

__all__ = ["Learned", "by_rules", "joined_warnings", "majority", "pairs", "symmetric"]


@dataclass(frozen=True)
class Learned:
    """An undirected graph of D nodes.

    Attributes:
        edges: (D, D) truth values, symmetric, none on the diagonal.
        weights: (D, D) numbers, symmetric; the larger, the likelier the edge: 1 - p of a test, or
            the size of a partial correlation.
        tests: How many tests of independence were made; 0 of a learner that makes none.
        warning: What to beware of; "" where all is well.
        changed: In how many pairs two runs of the learner differ, on average, where it ran more
            than once; NaN where it ran once.
        rules: The edges by "and" and by "or", of a learner whose nodes each say their own; what the
            two differ in costs no further test.
    """

    edges: np.ndarray
    weights: np.ndarray
    tests: int = 0
    warning: str = ""
    changed: float = math.nan
    rules: Mapping[str, np.ndarray] = field(default_factory=dict)

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


def majority(runs: Sequence[Learned]) -> Learned:
    r"""Returns what most runs of a learner found; of one run, that.

    An edge is kept that more than half of the runs have, and weighs what it does on average. Of R
    runs, r of which join a pair, two that are taken at random differ in it with the chance
    :math:`2 r (R - r) / (R (R - 1))`; `changed` is the sum of that over pairs.

    Example:
        >>> one, none = np.array([[0, 1], [1, 0]]), np.zeros((2, 2))
        >>> found = majority([Learned(edges > 0, edges) for edges in (one, one, none)])
        >>> found.found, round(found.changed, 3)
        ([(0, 1)], 0.667)
    """
    if len(runs) == 1:
        return runs[0]
    joined, count = np.sum([run.edges for run in runs], 0), len(runs)
    by_rule = {r: 2 * np.sum([run.rules[r] for run in runs], 0) > count for r in runs[0].rules}
    differ = np.triu(2 * joined * (count - joined)).sum() / (count * (count - 1))
    weights = np.mean([run.weights for run in runs], 0)
    said = joined_warnings(run.warning for run in runs)
    tests = sum(run.tests for run in runs)
    return Learned(2 * joined > count, weights, tests, said, float(differ), by_rule)


def joined_warnings(warnings: Iterable[str]) -> str:
    """Returns several warnings as one, each once."""
    return "; ".join(filter(None, dict.fromkeys(warnings)))


def pairs(nodes: int) -> list[tuple[int, int]]:
    """Returns all pairs of nodes, the smaller first.

    Example:
        >>> pairs(3)
        [(0, 1), (0, 2), (1, 2)]
    """
    return list(combinations(range(nodes), 2))


def by_rules(inside: np.ndarray) -> dict[str, np.ndarray]:
    """Returns the edges that each rule makes of what each node says of each other, (D, D)."""
    return {rule: symmetric(inside, rule) for rule in ("and", "or")}


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
