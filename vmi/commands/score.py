"""`vmi score`: metrics of codes of the user's own."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any

from vmi.commands.measuring import Instrument, Timed, instruments, records
from vmi.commands.own_codes import read_codes
from vmi.commands.own_context import OwnContext
from vmi.commands.show import print_records
from vmi.errors import UserError
from vmi.estimate import Estimate, measure
from vmi.random import generator
from vmi.registry import Registry
from vmi.suites.suite import FAMILIES

__all__ = ["score"]


def score(
    file: Path,
    metrics: Sequence[str] | None = None,
    others: Sequence[Path] = (),
    seed: int = 0,
    json: bool = False,
) -> None:
    """Prints metrics of the codes in an npz file, as a table or as JSON.

    A metric that asks for training codes is fitted on a random half and scored on the other. One
    that asks for labels is computed for each factor in classes; with several factors, each has a
    record with its name, and the plain name is their mean. All else uses every code.

    Args:
        file: Holds codes, and what is known of the images.
        metrics: Their names; all that apply without them.
        others: Files of the codes of the same images by models of other seeds.
        seed: Of every random number.
        json: Print JSON.

    Raises:
        UserError: A file is malformed, or nobody knows a metric.
    """
    registry = Registry("metric", {**FAMILIES["codes"], **FAMILIES["seeds"]})
    chosen = instruments(
        registry, list(registry) if metrics is None else metrics, OwnContext.offered
    )
    context = _context(file, others)
    print_records(
        records(chosen, lambda each: _measured(each, context, seed), file.name, metrics is None),
        json,
    )


def _context(file: Path, others: Sequence[Path]) -> OwnContext:
    own = read_codes(file)
    more = {}
    for path in others:
        codes = more[_short(path, others)] = read_codes(path).codes
        if len(codes) != len(own.codes):
            raise UserError(f"{path} has {len(codes)} rows, and {file} {len(own.codes)}")
    if len(more) < len(others):
        raise UserError("a file of --others is given twice")
    return OwnContext(own.codes, own.factor_names, more)


def _short(path: Path, among: Iterable[Path]) -> str:
    """The file's name, or the whole path where another has the same name."""
    return str(path) if sum(path.name == other.name for other in among) > 1 else path.name


def _measured(metric: Instrument, context: OwnContext, seed: int) -> list[Timed]:
    def numbers(of: OwnContext) -> list[Timed]:
        if "train_codes" in metric.wants:
            of = of.halves(generator(seed, metric.name, "halves"))
        noise = generator(seed, metric.name)
        return list(measure(metric.name, metric.function, metric.settings, of, noise))

    if "seed_codes" in metric.wants:
        return _by_seed(numbers(context), list(context.others))
    if "labels" not in metric.wants:
        return numbers(context)
    by_class = {name: numbers(of) for name, of in context.by_class()}
    if len(by_class) == 1 or not any(_has_value(each) for each in by_class.values()):
        return next(iter(by_class.values()))
    return [*_means(by_class), *_named(by_class)]


def _by_seed(timed: list[Timed], others: Sequence[str]) -> list[Timed]:
    """The plain name is the file's own; the other seeds' numbers have the names of their files."""
    if len(timed) != 1 + len(others):
        return timed
    return [timed[0], *_named(dict(zip(others, ([each] for each in timed[1:]), strict=True)))]


def _means(by_class: dict[str, list[Timed]]) -> Iterable[Timed]:
    """The mean over the classes of each part, or why there is none."""
    seconds = sum(timed[0][1] for timed in by_class.values())
    every = [estimate for timed in by_class.values() for estimate, _ in timed]
    for part in dict.fromkeys(e.part for e in every if not math.isnan(e.value)):
        parts = {
            name: estimate
            for name, timed in by_class.items()
            for estimate, _ in timed
            if estimate.part == part and not math.isnan(estimate.value)
        }
        yield _mean(part, parts, by_class), seconds


def _mean(part: str, parts: dict[str, Estimate], by_class: Iterable[str]) -> Estimate:
    """No standard error: the classes are of the same images."""
    first, found = next(iter(parts.values())), list(parts.values())
    about: dict[str, Any] = {
        "convention": "; ".join(filter(None, ("mean over factors", first.convention))),
        "error": next((f"{name}: {e.error}" for name, e in parts.items() if e.error), ""),
    }
    if missing := [name for name in by_class if name not in parts]:
        value, about["error"] = math.nan, f"no number for {', '.join(missing)}"
    else:
        value = fmean(e.value for e in found)
    ceiling = fmean(e.ceiling for e in found)
    return Estimate(value, unit=first.unit, ceiling=ceiling, n=first.n, part=part, **about)


def _named(by_class: dict[str, list[Timed]]) -> Iterable[Timed]:
    for name, timed in by_class.items():
        for estimate, seconds in timed:
            part = "/".join(filter(None, (name, estimate.part)))
            yield replace(estimate, part=part), seconds


def _has_value(timed: list[Timed]) -> bool:
    return any(not math.isnan(estimate.value) for estimate, _ in timed)
