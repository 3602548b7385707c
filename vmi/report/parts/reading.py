"""How to read the page: what each thing of the suite says of itself, and what holds of all."""

from collections.abc import Iterator
from dataclasses import replace

from vmi.cards import Card
from vmi.report.blocks import Block, Facts, Part
from vmi.report.numbers import Numbers

__all__ = ["PART"]

NATS = "information and log-likelihoods are in nats; 1 nat is 1.44 bits."
BIAS = "the mean over seeds less the truth; the spread is the standard deviation over seeds."
BOUNDS = (
    "≥ marks lower bounds, ≤ upper ones. A bound is one of the expectation: a number on the wrong "
    "side of the truth is its sampling error."
)
INTERVALS = (
    "are of the mean over seeds, by Student's t: they tell how a result varies with {}, not how "
    "exact an estimator is. With one seed there is none."
)
VARIES = {False: "the seed of training, given this test set", True: "the samples that a seed draws"}


def _refined(numbers: Numbers) -> list[Card]:
    """What refines in each arm says of itself, by what the suite calls the arm."""
    noun, arms = numbers.suite.kind.arm, numbers.suite.arms.items()
    return [
        replace(noun.registry.card(entry[noun.registry.kind]), name=numbers.name("arms", arm))
        for arm, entry in arms
    ]


def _reading(numbers: Numbers) -> Iterator[Block]:
    summary, suite = numbers.summary, numbers.suite
    sides = {"measures": dict.fromkeys(summary["measure"]), "methods": suite.methods}
    cards = [suite.card(side, name) for side, names in sides.items() for name in names]
    cards += _refined(numbers)
    general = {
        "Nats": (NATS, (summary["unit"] == "nats").any()),
        "Bias": (BIAS, summary["truth"].notna().any()),
        "Bounds": (BOUNDS, summary["bound"].isin(["lower", "upper"]).any()),
        "Intervals": (INTERVALS.format(VARIES[bool(suite.kind.answer)]), True),
    }
    first = {card.reading: card.name for card in reversed(cards) if card.reading}
    facts = {card.name: card.reading for card in cards if first.get(card.reading) == card.name}
    yield Facts(facts | {name: text for name, (text, holds) in general.items() if holds})


PART = Part("How to read it", _reading)
