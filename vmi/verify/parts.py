"""The parts of what an instrument returns: one estimate, or several."""

import math
from collections.abc import Sequence

from vmi.estimate import Estimate

__all__ = ["listed", "value"]


def listed(result: Estimate | Sequence[Estimate]) -> list[Estimate]:
    """Returns the estimates of a result, of which there may be one alone."""
    return [result] if isinstance(result, Estimate) else list(result)


def value(result: Estimate | Sequence[Estimate], part: str = "") -> float:
    """Returns the number of the part of that name, or NaN, which no truth agrees with.

    Raises:
        ValueError: Several parts have that name.

    Example:
        >>> value([Estimate(1.0), Estimate(2.0, part="rate")], "rate")
        2.0
    """
    values = [estimate.value for estimate in listed(result) if estimate.part == part]
    if len(values) > 1:
        raise ValueError(f"{len(values)} parts have the name {part!r}")
    return values[0] if values else math.nan
