"""The pictures of the methods, as drawing left them."""

from collections.abc import Iterator
from pathlib import Path

from vmi.pictures import PICTURES
from vmi.registry import row_name
from vmi.report.blocks import Block, Gallery, Part, Prose, Title
from vmi.report.numbers import Numbers
from vmi.suites.cohorts import parse_cohort

__all__ = ["PART", "galleries"]


def galleries(numbers: Numbers) -> dict[str, list[Gallery]]:
    """Returns the galleries of each task in the suite's order; none that is empty."""
    suite = numbers.suite
    listed = [
        (arm, picture)
        for picture in suite.pictures
        for arm in ("", *(suite.arms if PICTURES.card(picture).of_prior else ()))
    ]
    found = {task: [_gallery(numbers, task, *each) for each in listed] for task in numbers.panels}
    shown = {
        task: [g for g in each if any(p for _, p, _ in g.shown)] for task, each in found.items()
    }
    return {task: each for task, each in shown.items() if each}


def _gallery(numbers: Numbers, task: str, arm: str, picture: str) -> Gallery:
    card, place = PICTURES.card(picture), Path(arm, row_name(picture))
    shown = [
        (numbers.name("methods", method), *_shown(numbers, task, method, place))
        for method in numbers.looks
    ]
    name = f"{card.name}, {numbers.name('arms', arm)}" if arm else card.name
    return Gallery(name, card.reading, shown, numbers.name("tasks", task))


def _shown(numbers: Numbers, task: str, method: str, picture: Path) -> tuple[Path | None, str]:
    """The picture of the suite's first seed, or else why there is none, as far as known."""
    for cell in numbers.where.cells(task, method):
        if numbers.suite.seeds[0] in parse_cohort(cell.folder.name):
            image, reason = (cell.pictures / f"{picture}.{ending}" for ending in ("png", "txt"))
            if image.exists():
                return image, ""
            return None, reason.read_text(encoding="utf-8").strip() if reason.exists() else ""
    return None, ""


def _pictures(numbers: Numbers) -> Iterator[Block]:
    yield Prose(f"All of seed {numbers.suite.seeds[0]}, without selection.")
    for task, each in galleries(numbers).items():
        yield Title(numbers.name("tasks", task))
        yield from each


PART = Part("Pictures", _pictures, lambda numbers: bool(galleries(numbers)))
