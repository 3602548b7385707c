"""Known answers of the metrics that fit a predictor, hold a factor fixed or compare seeds."""

import math
from collections.abc import Callable
from functools import cache, partial

import numpy as np
import torch

from vmi.metrics.dci import completeness, dci, dci_boosted, dci_histogram, disentanglement
from vmi.metrics.explicitness import (
    explicitness,
    explicitness_multinomial,
    explicitness_one_vs_rest,
)
from vmi.metrics.fitting import binomial
from vmi.metrics.interventions import beta_vae_score, factor_vae_score
from vmi.metrics.sap import sap
from vmi.metrics.udr import udr, udr_spearman
from vmi.metrics.units import active_units
from vmi.random import generator
from vmi.verify import labels
from vmi.verify.case import Case
from vmi.verify.worlds import one_hot_codes

__all__ = ["cases"]

LIBRARY = "disentanglement_lib's own tests"
PARTS = {0: "disentangled", 1: "complete", 2: "informative"}  # of DCI
HALF = 1 - math.log(2) / math.log(10)  # completeness of 5 factors in 10 dimensions
SHARP = 1e-12  # of exact arithmetic


def cases() -> list[Case]:
    """Returns the known answers of this room."""
    return [
        *_dci(),
        *_sap(),
        *_explicitness(),
        *_interventions(),
        *labels.cases(),
        *_units(),
        *_udr(),
    ]


def _near(
    instrument: str, name: str, truth: float, within: float, got: Callable, source=""
) -> Case:
    return Case(instrument, name, truth, got, within, within, source)


def _at_least(instrument: str, name: str, within: float, got: Callable, source="") -> Case:
    """A case whose truth is 1, the most there is."""
    return Case(instrument, name, 1.0, got, within, SHARP, source)


def _factors(n: int = 1500, values: int = 10, count: int = 5) -> np.ndarray:
    return np.random.default_rng(0).integers(values, size=(n, count))


def _doubled() -> np.ndarray:
    return np.hstack([_factors()] * 2)


def _shuffled() -> np.ndarray:
    return np.random.default_rng(1).permuted(_factors(), axis=1)


def _channel(flip: float, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Even bits, and the same with some flipped at random."""
    stream = np.random.default_rng(0)
    bits = stream.integers(2, size=n)
    return bits, np.where(stream.random(n) < flip, 1 - bits, bits)


def _read(metric: Callable, codes: Callable, factors: Callable, part: int = 0, **settings) -> float:
    found = metric(codes(), factors(), generator(0), **settings)
    return (found[part] if isinstance(found, list) else found).value


# ---------------------------------------------------------------- predictors


def _dci() -> list[Case]:
    five = np.diag(np.full(5, 5.0))
    doubled = np.vstack([five, five])
    own, doubled_code = _forest(_factors), _forest(_doubled)
    shuffled, (bits, flipped) = _forest(_shuffled), _channel(0.2, 6000)
    told = partial(_read, dci, lambda: flipped, lambda: bits, 2, trees=10)
    few = partial(_factors, 600, 3, 2)
    return [
        _near("dci", "diagonal importance", 1, SHARP, lambda: disentanglement(five), LIBRARY),
        _near("dci", "even importance", 0, SHARP, lambda: disentanglement(np.ones((5, 4)))),
        _near("dci", "doubled importance", HALF, SHARP, lambda: completeness(doubled), LIBRARY),
        _near("dci", "doubled factors", HALF, SHARP, lambda: disentanglement(doubled.T), LIBRARY),
        _near("dci", "zero importance", 0, 0, lambda: disentanglement(np.zeros((9, 9))), LIBRARY),
        *(_at_least("dci", f"identity, {n}", 0.01, own(i), LIBRARY) for i, n in PARTS.items()),
        _at_least("dci", f"duplicated code, {PARTS[0]}", 0.01, doubled_code(0)),
        _near("dci", f"duplicated code, {PARTS[1]}", HALF, 0.01, doubled_code(1)),
        _at_least("dci", f"duplicated code, {PARTS[2]}", 0.01, doubled_code(2)),
        *(Case("dci", f"shuffled code, {PARTS[i]}", 0, shuffled(i), 0, 0.05) for i in (0, 1)),
        _near("dci", "bits flipped by 0.2, informative", 0.8, 3 * binomial(0.8, 4000), told),
        _at_least("dci-boosted", "identity", 0.01, partial(_read, dci_boosted, few, few, trees=20)),
        _at_least("dci-histogram", "identity", 0.01, partial(_read, dci_histogram, few, few)),
    ]


def _forest(codes: Callable[[], np.ndarray]) -> Callable[[int], Callable[[], float]]:
    """The parts of a forest's scores of ten-valued factors, fitted once for all of them."""
    found = cache(lambda: dci(codes(), _factors(), generator(0)))
    return lambda part: lambda: found()[part].value


def _sap() -> list[Case]:
    n, rho = 20_000, 0.8
    factor, noise, rest = np.random.default_rng(0).normal(size=(3, n))
    linear = np.stack([rho * factor + math.sqrt(1 - rho**2) * noise, rest], 1)
    bits, flipped = _channel(0.1, 15_000)
    score, floats = partial(_read, sap), partial(_read, sap, factors=lambda: _factors(3000) + 0.0)
    line = partial(score, lambda: linear, lambda: factor)
    seen = partial(score, lambda: np.stack([flipped, 0 * bits], 1), lambda: bits)
    within = 3 * 2 * rho * (1 - rho**2) / math.sqrt(n) + 9 / n  # and the second's own chance
    constant, twice = lambda: np.zeros((3000, 5)), lambda: np.hstack([_factors(3000)] * 2)
    return [
        _at_least("sap", "identity", 0.1, partial(floats, lambda: _factors(3000)), LIBRARY),
        _near("sap", "constant", 0, SHARP, partial(floats, constant), LIBRARY),
        _near("sap", "duplicated code", 0, SHARP, partial(floats, twice), LIBRARY),
        _near("sap", "linear Gaussian, rho^2", rho**2, within, line),
        _near("sap", "bits flipped by 0.1", 0.9 - 0.5, 3 * binomial(0.9, 5000), seen),
    ]


def _explicitness() -> list[Case]:
    n, stream = 15_000, np.random.default_rng(0)
    bits, scalar = np.arange(n) % 2, np.arange(6000) % 3
    normal = bits + stream.normal(size=n)
    area = (1 + math.erf(1 / 2)) / 2  # Phi(1 / sqrt 2)
    spread = area / (2 - area) + 2 * area**2 / (1 + area) - 2 * area**2
    within = 2 * 3 * math.sqrt((area * (1 - area) + 2499 * spread) / 2500**2)
    source = "AUC = Phi(d / sqrt 2); its error by Hanley & McNeil 1982"
    normals = partial(_read, explicitness, lambda: normal, lambda: bits)
    constant = partial(_read, explicitness, lambda: 0 * normal, lambda: bits)
    ends = partial(_read, explicitness, lambda: scalar + 0.0, lambda: scalar)
    # The inner value lies above all of one and below all of the other: its area is the share of
    # one among the 2 / 3 of 2,000 test images that they are, either way.
    share = 2 / 3 * binomial(0.5, 1333)
    name = "explicitness"
    return [
        _near(name, "two normal classes", 2 * area - 1, within, normals, source),
        _near(name, "scalar of 3 values", 2 / 3, 3 * share, ends),
        _near(name, "constant", 0, SHARP, constant),
        *_explicitness_forms(scalar),
    ]


def _explicitness_forms(scalar: np.ndarray) -> list[Case]:
    """The other two forms: a probability that peaks at an inner value ranks it above others."""
    forms = {
        "explicitness-multinomial": (explicitness_multinomial, 0.5),
        "explicitness-one-vs-rest": (explicitness_one_vs_rest, 0.0),
    }
    made = []
    for name, (metric, chance) in forms.items():
        perfect = partial(_read, metric, lambda: scalar + 0.0, lambda: scalar)
        constant = partial(_read, metric, lambda: 0.0 * scalar, lambda: scalar)
        hot = partial(_read, metric, lambda: np.eye(3)[scalar], lambda: scalar)
        made += [
            _near(name, "scalar of 3 values", 1, SHARP, perfect),
            _near(name, "constant", chance, SHARP, constant, "AUC of a tie is 1/2"),
            _near(name, "one-hot", 1, SHARP, hot),
        ]
    return made


# ---------------------------------------------------------------- interventions


def _interventions() -> list[Case]:
    grid = torch.cartesian_prod(*map(torch.arange, (5, 4, 6)))
    one_hot = one_hot_codes(*grid.T, sizes=[5, 4, 6])
    return [
        case
        for name, metric, constant in (
            ("factor-vae-score", factor_vae_score, (0, 0)),
            ("beta-vae-score", beta_vae_score, (1 / 3, 3 * binomial(1 / 3, 2000))),
        )
        for case in (
            _near(name, "perfect", 1, 0, _held(metric, grid.double(), grid), LIBRARY),
            _near(name, "perfect, one-hot", 1, 0, _held(metric, one_hot, grid)),
            _near(name, "constant", *constant, _held(metric, 0.0 * grid, grid)),
        )
    ] + _votes()


def _votes() -> list[Case]:
    square = torch.cartesian_prod(torch.arange(5), torch.arange(6))
    lone = _held(factor_vae_score, square[:, :1], square)
    noise = np.random.default_rng(0).normal(size=(20_000, 5))
    chance = _held(factor_vae_score, noise, _factors(20_000, 4, 4))
    # Binomial errors of both parts: the majority is the greatest of four counts.
    within = 3 * (binomial(0.25, 1000) + binomial(0.25, 2000))
    small = _held(factor_vae_score, square * torch.tensor([1.0, 1e-9]).double(), square)
    return [
        _near("factor-vae-score", "one of two factors", 0.5, 3 * binomial(0.5, 2000), lone),
        _near("factor-vae-score", "perfect, one a billion times smaller", 1, 0, small),
        _near("factor-vae-score", "noise", 0.25, within, chance),
    ]


def _held(metric: Callable, codes, factors) -> Callable[[], float]:
    return partial(_read, metric, lambda: codes, lambda: factors, train=1000, test=2000)


# ---------------------------------------------------------------- units and seeds


def _units() -> list[Case]:
    units = torch.tensor([0.0, 0.009, 0.011, 1.0]).sqrt() * _white(1).float()
    return [_near("active-units", "2 of 4", 2, SHARP, lambda: active_units(units).value)]


def _udr() -> list[Case]:
    z = _white(4)
    order = z[:, [2, 0, 3, 1]] * torch.tensor([-1, 1, -2, 0.5])
    turn = torch.tensor([[1.0, -1.0], [1.0, 1.0]], dtype=torch.float64) * math.sqrt(0.5)
    turned = [z[:, :2], z[:, :2] @ turn]
    lasso, rank = (math.sqrt(0.5) - 0.1) / 2, 3 / math.pi * math.asin(math.sqrt(0.5) / 2)
    chance = 3 / math.sqrt(len(z))  # three rank correlations that should be 0, or three errors
    agree = partial(_first, udr_spearman, z, order)
    return [
        _near("udr", "order and sign", 0.9, 1e-5, partial(_first, udr, z, order)),
        _near("udr", "turned by 45 degrees", lasso, 1e-5, partial(_first, udr, *turned)),
        _near("udr", "unrelated", 0, 0, partial(_first, udr, z[:, :2], z[:, 2:])),
        Case("udr-spearman", "order and sign", 1, agree, chance, SHARP),
        _near("udr-spearman", "turned", rank, chance, partial(_first, udr_spearman, *turned)),
    ]


def _first(metric: Callable, *codes: torch.Tensor) -> float:
    return metric(codes)[0].value


def _white(d: int, n: int = 2000) -> torch.Tensor:
    """Normal columns with mean 0, variance 1 and exactly no correlation."""
    draws = torch.randn(n, d, generator=generator("white")).double()
    return torch.linalg.qr(draws - draws.mean(0))[0] * math.sqrt(n)
