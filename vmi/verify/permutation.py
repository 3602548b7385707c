"""Known answers of p-values by permutations: uniform without dependence, small with it."""

from collections.abc import Callable, Mapping
from itertools import permutations
from typing import Any

import numpy as np

from vmi.mi.cca import cca
from vmi.mi.neighbours import conditional_ksg
from vmi.mi.permutation import p_value, permutation_test
from vmi.random import generator
from vmi.verify.case import Case
from vmi.verify.classical import normal_pairs

__all__ = ["cases"]

EXACT = 1e-12
RANK = "the rank of one of B + 1 exchangeable numbers, https://doi.org/10.2202/1544-6115.1585"


def cases() -> list[Case]:
    """Returns the known answers of the p-values."""
    return [
        _case("mean over all orders of five pairs", 121 / 240, lambda: _enumerated().mean(), EXACT),
        _case(
            "share up to .05 of all orders of five pairs",
            0.05,
            lambda: float(np.mean(_enumerated() <= 0.05)),
            EXACT,
        ),
        _case("share up to .1, independent", 0.1, lambda: float(np.mean(_free() <= 0.1)), 0.085),
        _case("normal, rho 0.8, 99 permutations", 0.01, _bound, EXACT),
        _case("mean of independent given classes z", 0.55, _alike, 0.19),
    ]


def _case(name: str, truth: float, got: Callable[[], float], near: float) -> Case:
    return Case("p-value", name, truth, got, near, near, RANK)


def _enumerated() -> np.ndarray:
    """The p-value of each order of five pairs among all 120."""
    x, y = np.random.default_rng(0).standard_normal((2, 5))
    found = np.array([x @ y[list(order)] for order in permutations(range(5))])
    return np.array([p_value(one, np.delete(found, i)) for i, one in enumerate(found)])


def _p(estimator: Callable, arrays: Mapping[str, Any], seed: int, permutations: int) -> float:
    stream, observed = generator(seed), estimator(**arrays)
    test = permutation_test(observed, estimator, {}, arrays, stream, permutations=permutations)
    return test.value


def _free() -> np.ndarray:
    """Of 200 samples of 12 independent pairs."""
    draws = (dict(zip("xy", normal_pairs(0.0, 12, seed=s), strict=True)) for s in range(200))
    return np.array([_p(cca, arrays, seed, 19) for seed, arrays in enumerate(draws)])


def _bound() -> float:
    return _p(cca, dict(zip("xy", normal_pairs(0.8, 100), strict=True)), 0, 99)


def _alike() -> float:
    """Of 40 samples whose x and y share a class, and nothing else: all orders would say .1."""
    found = []
    for seed in range(40):
        x, y = normal_pairs(0.0, 80, seed=seed)
        z = np.arange(80) % 4
        arrays = {"x": x[:, 0] + 3 * z, "y": y[:, 0] + 3 * z, "z": z}
        found.append(_p(conditional_ksg, arrays, seed, 9))
    return float(np.mean(found))
