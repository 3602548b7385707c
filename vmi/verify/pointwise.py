"""Known answers of local values: their mean, and the log density ratio that they come near."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from vmi.mi.cca import cca
from vmi.mi.discrete import plug_in
from vmi.mi.neighbours import ksg
from vmi.mi.pointwise import POINTWISE, pointwise
from vmi.registry import row_name
from vmi.verify.case import Case
from vmi.verify.classical import channel_table, normal_pairs, of_table

__all__ = ["cases"]

EXACT = 1e-12
RHO = 0.8


def cases() -> list[Case]:
    """Returns the known answers of the local values."""
    return [
        *(_mean(estimator) for estimator in POINTWISE),
        Case(
            "cca",
            "local values less the log density ratio, mean square",
            0.0,
            lambda: float(np.mean(np.subtract(*_normal(cca, {})) ** 2)),
            0.001,
            0.001,
            "a normal density; the errors of five moments of 5,000 pairs",
        ),
        Case(
            "ksg",
            "correlation of local values and log density ratio, k = 200",
            1.0,
            lambda: float(np.corrcoef(*_normal(ksg, {"k": 200}))[0, 1]),
            0.1,
            0.0,
            "a normal density; neighbours reach into the tails",
        ),
        Case(
            "plug-in",
            "local value of a pair that is not flipped",
            float(np.log(1.8)),
            lambda: float(pointwise(plug_in, {}, **_pair(*of_table(channel_table(0.1)))).max()),
            EXACT,
            EXACT,
            "ln .45 / .5^2",
        ),
    ]


def _pair(x: Any, y: Any) -> dict[str, Any]:
    return {"x": x, "y": y}


def _mean(estimator: Callable[..., Any]) -> Case:
    """The mean of the local values beside the estimate itself."""
    name = row_name(estimator.__name__.replace("_", "-"))
    arrays = _arrays(name)
    return Case(
        name,
        "mean of local values less the estimate",
        0.0,
        lambda: float(np.nanmean(pointwise(estimator, {}, **arrays)) - estimator(**arrays).value),
        EXACT,
        EXACT,
        "the estimate is their mean",
    )


def _arrays(name: str) -> Mapping[str, Any]:
    """Pairs for an estimator: counted, mixed or continuous, with a third where it conditions."""
    draw = np.random.default_rng(0)
    x, y = normal_pairs(RHO, 300, 2)
    if name in ("plug-in", "miller-madow", "conditional-plug-in"):
        x, y = x.round().astype(int), y[:, 0].round().astype(int)
    elif name == "mixed-ksg":
        y = (y[:, 0] > 1.9).astype(int) + 2 * (draw.random(300) < 0.5) + 9 * (np.arange(300) == 7)
    return _pair(x, y) | ({"z": draw.integers(0, 3, 300)} if "conditional" in name else {})


def _normal(estimator: Callable[..., Any], settings: Mapping[str, Any]) -> tuple:
    """The local values of 5,000 normal pairs, and the log density ratio itself."""
    x, y = normal_pairs(RHO, 5000)
    rest = 1 - RHO**2
    truth = -np.log(rest) / 2 - ((y - RHO * x) ** 2 / rest - y**2) / 2
    return pointwise(estimator, settings, x=x, y=y), truth[:, 0]
