"""How to read the page: what each measure says of itself, and what holds of all."""

from collections.abc import Iterator

from vmi.report.blocks import Block, Part, Points
from vmi.report.numbers import Numbers

__all__ = ["PART"]


def _reading(numbers: Numbers) -> Iterator[Block]:
    yield Points([*_measures(numbers), *_methods(numbers), *_all(numbers)])


def _measures(numbers: Numbers) -> Iterator[tuple[str, str]]:
    for measure in dict.fromkeys(numbers.summary["measure"]):
        card = numbers.suite.card("measures", measure)
        if card.reading:
            yield card.name, card.reading


def _methods(numbers: Numbers) -> Iterator[tuple[str, str]]:
    for method in numbers.suite.methods:
        card = numbers.suite.card("methods", method)
        if card.reading:
            yield card.name, card.reading


def _all(numbers: Numbers) -> Iterator[tuple[str, str]]:
    """What holds of the numbers there are."""
    summary = numbers.summary
    if (summary["unit"] == "nats").any():
        yield "", "All information and all log-likelihoods are in nats (1 nat = 1.44 bits)."
    if summary["truth"].notna().any():
        yield (
            "Bias",
            "the mean over seeds less the truth; the spread is the standard deviation over seeds.",
        )
    if summary["bound"].isin(["lower", "upper"]).any():
        yield (
            "Bounds",
            "≥ marks lower bounds, ≤ upper ones. A bound is one of the expectation: a number on "
            "the wrong side of the truth is its sampling error.",
        )
    yield (
        "",
        "Intervals resample the seeds: they tell how a result varies with the seed, not how exact "
        "an estimator is. With five seeds or fewer they are too narrow; with one there is none.",
    )


PART = Part("How to read it", _reading)
