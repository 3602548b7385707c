"""Grow-Shrink: Markov blankets that take whatever is dependent, in a drawn order."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from vmi.learners.blankets import Blanket, CachedTests, learn
from vmi.learners.iamb import chosen
from vmi.learners.learned import Learned

__all__ = ["grow_shrink", "in_turn"]


def grow_shrink(
    x,
    generator: torch.Generator,
    *,
    alpha: float = 0.05,
    test: str = "",
    test_settings: Mapping[str, Any] | None = None,
    rule: str = "and",
    repeats: int = 1,
) -> Learned:
    """Learns a Markov network by growing and shrinking the blanket of each node.

    Others are asked one by one in an order that is drawn for the node; each that is dependent on it
    given the blanket enters, and the rest are asked again until none does. It makes fewer tests
    than `iamb`, and takes in more that must leave again.

    Args:
        x: (N, D).
        generator: Of the orders, and of what tests draw.
        alpha: The level of each test.
        test: The name of a test of `vmi.independence`; `cmi-knn` if left out.
        test_settings: Of the test, by name: `{k: 0.2, permutations: 99}`.
        rule: "and" keeps an edge that the blankets of both nodes have, "or" that of either.
        repeats: How often, with new random numbers; what more than half of the runs join is kept.

    References:
        | Bayesian Network Induction via Local Neighborhoods (Margaritis & Thrun, 1999)
        | https://papers.nips.cc/paper/1685-bayesian-network-induction-via-local-neighborhoods
    """
    test = chosen(test, test_settings)
    return learn(x, generator, in_turn, test, alpha, rule, repeats)


def in_turn(tested: CachedTests, node: int, order: np.ndarray) -> Blanket:
    """Grows the blanket of a node by each other that is dependent, in the order that is given."""
    blanket: Blanket = ()
    grew = True
    while grew:
        grew = False
        for other in map(int, order):
            if other not in blanket and tested.dependent(node, other, blanket):
                blanket, grew = (*blanket, other), True
    return blanket
