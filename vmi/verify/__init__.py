"""The project's known answers: every instrument held against a truth that is known on paper."""

from importlib import import_module

from vmi.verify.case import Case

__all__ = ["ROOMS", "Case", "cases"]

# Each module has a function `cases` that returns its known answers.
ROOMS = {
    "tasks": "vmi.verify.tasks",
    "classical": "vmi.verify.classical",
    "neural": "vmi.verify.neural",
    "model": "vmi.verify.model",
    "counts": "vmi.verify.counts",
    "predictors": "vmi.verify.predictors",
    "likelihood": "vmi.verify.likelihood",
    "ladder": "vmi.verify.ladder",
}


def cases(room: str) -> list[Case]:
    """Returns the known answers of a room."""
    return import_module(ROOMS[room]).cases()
