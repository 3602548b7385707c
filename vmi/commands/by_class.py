"""A metric of labels where there are several factors: the mean over them, and each of them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from statistics import fmean

from vmi.commands.measuring import Timed
from vmi.estimate import Estimate

__all__ = ["means_and_each", "named"]


def means_and_each(by_class: Mapping[str, list[Timed]]) -> list[Timed]:
    """Returns the means over the classes, then each with its name; the estimates if it is one."""
    if len(by_class) == 1 or not any(_has_value(each) for each in by_class.values()):
        return next(iter(by_class.values()))
    return [*_means(by_class), *named(by_class)]


def named(by_name: Mapping[str, list[Timed]]) -> Iterable[Timed]:
    """Yields estimates with their names before their parts."""
    for name, timed in by_name.items():
        for estimate, seconds in timed:
            part = "/".join(filter(None, (name, estimate.part)))
            yield replace(estimate, part=part), seconds


def _means(by_class: Mapping[str, list[Timed]]) -> Iterable[Timed]:
    """The mean over the classes of each part, or why there is none."""
    seconds = sum(timed[0][1] for timed in by_class.values())
    every = [estimate for timed in by_class.values() for estimate, _ in timed]
    for part in dict.fromkeys(e.part for e in every if e.state == "value"):
        parts = {
            name: estimate
            for name, timed in by_class.items()
            for estimate, _ in timed
            if estimate.part == part and estimate.state == "value"
        }
        yield _mean(part, parts, by_class), seconds


def _mean(part: str, parts: dict[str, Estimate], by_class: Iterable[str]) -> Estimate:
    """No standard error: the classes are of the same images."""
    first, found = next(iter(parts.values())), list(parts.values())
    whole = Estimate(
        fmean(e.value for e in found),
        unit=first.unit,
        ceiling=fmean(e.ceiling for e in found),
        n=first.n,
        part=part,
        convention="; ".join(filter(None, ("mean over factors", first.convention))),
        warning=next((f"{name}: {e.warning}" for name, e in parts.items() if e.warning), ""),
    )
    missing = ", ".join(name for name in by_class if name not in parts)
    if not missing:
        return whole
    failure = Estimate.failed(f"no number for {missing}")
    return replace(whole, value=failure.value, state=failure.state, error=failure.error, warning="")


def _has_value(timed: list[Timed]) -> bool:
    return any(estimate.state == "value" for estimate, _ in timed)
