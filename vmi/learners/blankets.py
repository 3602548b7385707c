r"""Markov blankets by tests of independence, which the constraint-based learners share.

The blanket of a node is the smallest set of others given which it is independent of all the rest;
in an undirected graph that the distribution is faithful to, it is the node's neighbours. Each
learner grows a set for every node by tests and shrinks it again,

    grow:    take Y while Y is dependent on T given the set
    shrink:  drop Y where it is independent of T given the set without Y

and differs from others by the order in which Y are tried. In a finite sample the sets of two nodes
may contradict each other; the rule AND keeps an edge that both have, OR one that either has.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
import torch

from vmi.errors import NotApplicable
from vmi.independence.calling import Test
from vmi.independence.outcome import Outcome
from vmi.learners.learned import Learned, by_rules, joined_warnings, majority, symmetric

__all__ = ["Blanket", "CachedTests", "Grow", "learn", "shrink"]

Blanket = tuple[int, ...]
Grow = Callable[
    ["CachedTests", int, np.ndarray], Blanket
]  # of a node, with the order of the others


@dataclass
class CachedTests:
    """Tests of the columns of a sample, each made once.

    A test is symmetric in x and y, so that the two nodes of an edge share it. Its random numbers
    are those of the sample's generator, in the order in which tests are made.

    Attributes:
        x: (N, D).
        test: Of independence.
        alpha: p-values no more than this reject it.
        generator: Of what tests draw.
        made: The outcomes by nodes and blanket.
    """

    x: np.ndarray
    test: Test
    alpha: float
    generator: torch.Generator
    made: dict[tuple[int, int, Blanket], Outcome] = field(default_factory=dict)

    def __call__(self, i: int, j: int, given: Iterable[int]) -> Outcome:
        """Returns the outcome of testing i and j given other nodes."""
        key = (*sorted((i, j)), tuple(sorted(given)))
        if key not in self.made:
            z = self.x[:, list(key[2])] if key[2] else None
            self.made[key] = self.test(self.x[:, key[:1]], self.x[:, key[1:2]], z, self.generator)
        return self.made[key]

    def dependent(self, i: int, j: int, given: Iterable[int]) -> bool:
        """Says whether independence is rejected."""
        return self(i, j, given).p <= self.alpha


def learn(
    x: np.ndarray,
    generator: torch.Generator,
    grow: Grow,
    test: Test,
    alpha: float,
    rule: str,
    repeats: int = 1,
) -> Learned:
    """Learns a graph by the blanket of each node; see `vmi.learners.iamb`.

    The weight of an edge is 1 - p of its last test: that of shrinking, given the rest of the
    blanket, or of the candidate that was left out, given the blanket. Repeated, with new random
    numbers, it keeps what most of the runs found.

    Raises:
        NotApplicable: It is to be repeated less than once.
    """
    if repeats < 1:
        raise NotApplicable(f"a learner runs once at least, not {repeats} times")
    how = np.asarray(x), generator, grow, test, alpha, rule
    return majority([_learned(*how) for _ in range(repeats)])


def _learned(
    x: np.ndarray, generator: torch.Generator, grow: Grow, test: Test, alpha: float, rule: str
) -> Learned:
    tested = CachedTests(x, test, alpha, generator)
    d = x.shape[1]
    inside, weights = np.zeros((d, d), bool), np.zeros((d, d))
    for node in range(d):
        order = torch.randperm(d, generator=generator).numpy()
        blanket = shrink(tested, node, grow(tested, node, order[order != node]))
        for other in set(range(d)) - {node}:
            rest = [each for each in blanket if each != other]
            inside[node, other] = other in blanket
            weights[node, other] = 1 - tested(node, other, rest).p
    edges, both = symmetric(inside, rule), by_rules(inside)
    said = joined_warnings(outcome.warning for outcome in tested.made.values())
    made = len(tested.made)
    return Learned(edges, symmetric(weights, rule), made, said, rules=both)


def shrink(tested: CachedTests, node: int, blanket: Blanket) -> Blanket:
    """Returns a blanket without those that the node is independent of given the rest of it.

    The weakest is dropped first, and all are asked again, so that the order has no say.
    """
    while True:
        rests = {other: [b for b in blanket if b != other] for other in blanket}
        weak = [other for other in blanket if not tested.dependent(node, other, rests[other])]
        if not weak:
            return blanket
        least = min(weak, key=lambda other: tested(node, other, rests[other]).statistic)
        blanket = tuple(other for other in blanket if other != least)
