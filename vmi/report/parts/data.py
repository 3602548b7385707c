"""What the data sets are, as their description says it."""

import json
from collections.abc import Iterator

from vmi.errors import reading
from vmi.report.blocks import Block, Facts, Part, Title
from vmi.report.numbers import Numbers
from vmi.report.summary import BINARISED

__all__ = ["PART"]


def _data(numbers: Numbers) -> Iterator[Block]:
    for task in numbers.suite.tasks:
        path = numbers.where.data(task)
        with reading(path):
            facts = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        yield Title(numbers.name("tasks", task))
        yield Facts({name: text for name, text in _facts(facts) if text})


def _facts(facts: dict) -> Iterator[tuple[str, str]]:
    yield "image", " × ".join(map(str, facts.get("shape", ())))
    if "train" in facts:
        yield "images", f"{facts['train']} to train, {facts['evaluation']} to evaluate"
    factors = [f"{name} ({count})" for name, count in (facts.get("factors") or {}).items()]
    yield "factors", ", ".join(factors) or "none known"
    yield "binarisation", _bits(facts)
    yield "source", str(facts.get("source") or "")


def _bits(facts: dict) -> str:
    """How the images became bits, in words."""
    how = facts.get("binarisation") or "none"
    asis = "bits as they are" if facts.get("binary") else "not binarised"
    return BINARISED.get(how, how) or asis


PART = Part("Data sets", _data)
