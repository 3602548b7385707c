"""IAMB: Markov blankets that grow by the node that is most associated."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from vmi.independence import TESTS
from vmi.independence.calling import Test, make, of_function
from vmi.independence.knn import cmi_knn
from vmi.learners.blankets import Blanket, CachedTests, learn
from vmi.learners.learned import Learned

__all__ = ["chosen", "iamb", "most_associated"]


def iamb(
    x,
    generator: torch.Generator,
    *,
    alpha: float = 0.05,
    test: str = "",
    test_settings: Mapping[str, Any] | None = None,
    rule: str = "and",
    repeats: int = 1,
) -> Learned:
    r"""Learns a Markov network by incremental association.

    .. math:: Y^* = \arg\max_Y \hat I(T; Y \mid MB)

    enters the blanket MB of T while its test rejects independence; then what is independent of T
    given the rest leaves. The association is the statistic of the test, so that p-values by
    permutation, of which many are the least that there can be, are not what orders the nodes; ties
    of the statistic are broken by a seeded order.

    Args:
        x: (N, D).
        generator: Of the order of ties, and of what tests draw.
        alpha: The level of each test.
        test: The name of a test of `vmi.independence`; `cmi-knn` with local permutations if left
            out.
        test_settings: Of the test, by name: `{k: 0.2, permutations: 99}`.
        rule: "and" keeps an edge that the blankets of both nodes have, "or" that of either.
        repeats: How often, with new random numbers; what more than half of the runs join is kept.

    References:
        | Algorithms for Large Scale Markov Blanket Discovery (Tsamardinos, Aliferis & Statnikov,
        | 2003), https://aaai.org/papers/flairs-2003-073
        | Learning non-parametric Markov networks with mutual information (Leppä-aho et al., 2017)
        | https://arxiv.org/abs/1708.02497
    """
    test = chosen(test, test_settings)
    return learn(x, generator, most_associated, test, alpha, rule, repeats)


def chosen(test: str, settings: Mapping[str, Any] | None) -> Test:
    """Returns the test of a name, or `cmi-knn` without one, with its settings.

    Raises:
        UserError: Nobody knows the test, or a setting.
    """
    if test:
        return make(test, settings)
    TESTS.check("cmi-knn", settings or {})
    return of_function(cmi_knn, settings or {})  # imported, so that an edit of it counts


def most_associated(tested: CachedTests, node: int, order: np.ndarray) -> Blanket:
    """Grows the blanket of a node by whichever other has the largest statistic."""
    blanket: Blanket = ()
    while left := [int(other) for other in order if other not in blanket]:
        best = max(left, key=lambda other: tested(node, other, blanket).statistic)
        if not tested.dependent(node, best, blanket):
            return blanket
        blanket += (best,)
    return blanket
