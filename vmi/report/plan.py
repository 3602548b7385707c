"""A figure that a report will draw, with its words."""

from collections.abc import Callable
from dataclasses import dataclass

from matplotlib.figure import Figure

from vmi.report.names import display
from vmi.report.style import many

__all__ = ["Plan", "plan"]


@dataclass(frozen=True)
class Plan:
    """A figure that the report will draw: its file's stem, its words, and how to draw it."""

    stem: str
    title: str
    caption: str
    alt: str
    draw: Callable[[], Figure]


def plan(stem: str, title: str, caption: str, suite, draw, *args, what: str = "") -> Plan:
    """Creates the plan of a figure that is drawn by a function of these arguments.

    Args:
        stem: Of the file's name.
        title: Above the figure.
        caption: Under it.
        suite: The facts of the suite.
        draw: The function.
        args: Its arguments.
        what: What the figure shows, for those who cannot see it, where the title does not say.
    """
    models = ", ".join(map(display, suite.models))
    named = f"{len(suite.models)} models" if many(suite.models) else models
    shown = f" ({what})" if what else ""
    alt = f"{title}{shown} for {named} on {', '.join(suite.datasets)}; the tables hold the numbers"
    return Plan(stem.replace("/", "-"), title, caption, alt, lambda: draw(*args))
