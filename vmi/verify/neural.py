"""Known answers of the neural estimators of mutual information."""

import math
from functools import partial
from importlib import import_module

import torch
from torch import Tensor

from vmi.mi import scores
from vmi.mi.stacks import estimate_each
from vmi.random import generator
from vmi.verify.case import Case

__all__ = ["cases"]

CRITICS = {
    "dv": "dv",
    "mine": "mine",
    "nwj": "nwj",
    "nwj-js": "nwj_js",
    "tuba": "tuba",
    "infonce": "infonce",
    "interpolated": "interpolated",
    "smile": "smile",
}
DENSITIES = ("ba", "doe")
SEEDS = 2
RHO = 0.9
BOUNDS = {
    "dv": scores.dv,
    "nwj": lambda f: scores.nwj(f + 1),
    "nwj-js": lambda f: scores.nwj(f + 1),
    "tuba": lambda f: scores.tuba(f, torch.zeros(f.shape[-1])),
    "infonce": scores.infonce,
    "interpolated": lambda f: scores.interpolated(f, 0.5),
    "smile": lambda f: scores.smile(f, 20.0),
}


def cases() -> list[Case]:
    """Returns the known answers: fits to normal pairs and channels; bounds by the best critic."""
    found = [case for name in CRITICS for case in _fits(name, lower=name != "smile")]
    found += [case for name in (*DENSITIES, "minde") for case in _fits(name, lower=False)]
    return [*found, *_best_critics(), *_ceilings(), *_channels(), _club()]


def _fits(name: str, lower: bool) -> list[Case]:
    """A report on 2 x 400 pairs has a standard error of .03 at rho .9, so .1 is three of them."""
    missed = 0.2 if lower else 0.15  # a critic of 1,200 pairs misses some of it
    return [
        Case(
            name,
            "a normal pair, rho 0.9",
            -math.log(1 - RHO**2) / 2,
            partial(_estimate, name, RHO, 1),
            missed,
            0.1 if lower else 0.15,
            "-ln(1 - rho^2) / 2",
        ),
        Case(
            name,
            "independent columns, 2 and 2",
            0.0,
            partial(_estimate, name, 0.0, 2),
            0.15,
            0.05,
            "definition",
        ),
    ]


def _best_critics() -> list[Case]:
    """With the log-ratio for a critic, every bound is tight up to its spread, InfoNCE to ln K."""
    truth = -math.log(1 - 0.75**2) / 2
    return [
        Case(
            name,
            "the best critic of a normal pair, rho 0.75",
            truth,
            partial(_with_best_critic, bound),
            0.04,
            0.04,
            "Poole et al. 2019",
        )
        for name, bound in BOUNDS.items()
    ]


def _ceilings() -> list[Case]:
    certain = 200 * torch.eye(64, dtype=torch.float64) - 100
    return [
        Case(
            "infonce",
            "certain scores, K = 64",
            math.log(64),
            lambda: float(scores.infonce(certain).mean()),
            1e-9,
            1e-9,
            "ln K",
        ),
        Case(
            "interpolated",
            "certain scores, K = 63, alpha 0.1",
            math.log(630) + 1,
            lambda: float(scores.interpolated(certain, 0.1).mean()),
            1e-9,
            1e-9,
            "1 + ln(K / alpha)",
        ),
    ]


def _channels() -> list[Case]:
    """A bit mistaken with probability 0.1: three standard errors of 2 x 400 pairs are 0.07."""
    truth = math.log(2) + 0.1 * math.log(0.1) + 0.9 * math.log(0.9)
    return [
        Case(
            name,
            "a binary symmetric channel, flip 0.1",
            truth,
            partial(_channel, name),
            0.09,
            0.07,
            "ln 2 - H(flip)",
        )
        for name in ("ba", "doe", "dv", "infonce")
    ]


def _club() -> Case:
    return Case(
        "club",
        "a normal pair, rho 0.6",
        0.6**2 / (1 - 0.6**2),
        partial(_estimate, "club", 0.6, 1),
        0.2,
        0.2,
        "rho^2 / (1 - rho^2) with the true density",
    )


def _estimate(name: str, rho: float, columns: int) -> float:
    """The mean of two estimates, each of 2,000 pairs."""
    pairs = []
    for seed in range(SEEDS):
        x, noise = torch.randn(2, 2000, columns, generator=generator("neural", rho, seed))
        pairs.append((x, rho * x + math.sqrt(1 - rho**2) * noise))
    return _mean(name, pairs)


def _channel(name: str) -> float:
    pairs = []
    for seed in range(SEEDS):
        draw = torch.rand(2, 2000, generator=generator("channel", seed))
        bit = (draw[0] < 0.5).long()
        pairs.append((bit, bit ^ (draw[1] < 0.1).long()))
    return _mean(name, pairs)


def _mean(name: str, pairs: list) -> float:
    generators = [generator(name, seed) for seed in range(SEEDS)]
    return sum(e.value for e in estimate_each(_load(name), pairs, generators, {})) / SEEDS


def _load(name: str):
    if name in CRITICS:
        return getattr(import_module("vmi.mi.variational"), CRITICS[name])
    if name == "minde":
        return import_module("vmi.mi.minde").minde
    return getattr(import_module("vmi.mi.predictive"), name)


def _with_best_critic(bound) -> float:
    """The mean over 20 batches of 500 pairs, whose standard error is below 0.013."""
    return sum(float(bound(_log_ratio(0.75, seed)).mean()) for seed in range(20)) / 20


def _log_ratio(rho: float, seed: int) -> Tensor:
    x, noise = torch.randn(2, 500, generator=generator("best", seed), dtype=torch.float64)
    left = 1 - rho**2
    y = rho * x + math.sqrt(left) * noise
    return (y**2 - (y - rho * x[:, None]) ** 2 / left - math.log(left)) / 2
