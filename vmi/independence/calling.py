"""How a test of independence is called, whatever it asks for and returns."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import wraps
from typing import Any

import numpy as np
import torch

from vmi.estimate import Estimate
from vmi.independence import TESTS
from vmi.independence.outcome import Outcome
from vmi.references import asked_for

__all__ = ["LEVEL", "OFFERED", "Test", "answer", "make", "of_function", "with_estimates"]

OFFERED = ("x", "y", "z", "generator")
LEVEL = 0.05

Test = Callable[[np.ndarray, np.ndarray, np.ndarray | None, torch.Generator], Outcome]


def make(name: str, settings: Mapping[str, Any] | None = None) -> Test:
    """Returns the test of a name, called with x, y, z (or None) and a generator.

    Raises:
        UserError: Nobody knows it or its settings, or it asks for more than there is.

    Example:
        >>> x = np.arange(9.0)
        >>> make("fisher-z")(x, x**2, None, torch.Generator()).p < 0.01
        True
    """
    TESTS.check(name, settings or {})
    test, carried = TESTS.load(name)
    return of_function(test, {**carried, **(settings or {})}, name)


def of_function(test: Callable[..., Any], settings: Mapping[str, Any], name: str = "it") -> Test:
    """Returns what calls a function with what it asks for by name.

    Raises:
        UserError: It asks for more than there is.
    """
    wanted = asked_for(name, test, OFFERED, TESTS.kind)

    def called(x, y, z, generator) -> Outcome:
        there = dict(zip(OFFERED, (x, y, z, generator), strict=True))
        return _outcome(test(**{key: there[key] for key in wanted}, **settings), len(x))

    return called


def answer(
    task: Any,
    test: Callable[..., Any],
    settings: Mapping[str, Any],
    samples: Sequence[tuple[np.ndarray, np.ndarray, np.ndarray | None]],
    generators: Sequence[torch.Generator],
) -> list[dict[str, Estimate]]:
    """Returns what a test says of each sample: whether it rejects, its p-value, its statistic."""
    called = of_function(test, settings)
    return [_measured(called(*s, g)) for s, g in zip(samples, generators, strict=True)]


def _measured(outcome: Outcome) -> dict[str, Estimate]:
    p, statistic = outcome.estimates()
    if not statistic.unit:
        statistic = Estimate.not_applicable("its statistic is no information")
    rejected = Estimate(float(outcome.p <= LEVEL), n=outcome.n, warning=outcome.warning)
    return {"rejected": rejected, "p-value": p, "information": replace(statistic, part="")}


def _outcome(result: Any, n: int) -> Outcome:
    """Returns what a test made of n rows as an outcome: of a user's own, a p-value will do."""
    if isinstance(result, Outcome):
        return result
    p = float(result)
    return Outcome(p, 1 - p, n, unit="", convention="1 - p stands for the statistic")


def with_estimates(test: Callable[..., Any]) -> Callable[..., Any]:
    """Returns a test that gives its p-value and its statistic as estimates."""

    @wraps(test)
    def estimated(**given: Any) -> Any:
        arrays = [given[name] for name in "xyz" if given.get(name) is not None]
        return _outcome(test(**given), len(arrays[0]) if arrays else 0).estimates()

    return estimated
