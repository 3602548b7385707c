"""What a section of the page is made of, and the parts that make the sections."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from vmi.report.numbers import Numbers

__all__ = [
    "Block",
    "Facts",
    "File",
    "Folded",
    "Gallery",
    "Part",
    "Plot",
    "Points",
    "Prose",
    "Title",
]


class Block:
    """A piece of a section; the page has a macro for each `type`."""

    type: ClassVar[str]


@dataclass(frozen=True)
class Title(Block):
    """A heading within a section."""

    type = "title"
    text: str


@dataclass(frozen=True)
class Prose(Block):
    """A paragraph; `strong` if it is what the section comes to."""

    type = "prose"
    text: str
    strong: bool = False


@dataclass(frozen=True)
class Points(Block):
    """Sentences, each after the name of what it is of, or after ""."""

    type = "points"
    points: list[tuple[str, str]]


@dataclass(frozen=True)
class Facts(Block):
    """Names, each with a fact; addresses become links."""

    type = "facts"
    facts: Mapping[str, object]


@dataclass(frozen=True)
class Plot(Block):
    """A figure.

    Attributes:
        stem: Of its file's name.
        title: Above it.
        caption: Under it.
        alt: For those who cannot see it.
        make: Plots it.
    """

    type = "figure"
    stem: str
    title: str
    caption: str
    alt: str
    make: Callable[[], "Figure"]


@dataclass(frozen=True)
class Gallery(Block):
    """Pictures of one name on one task.

    Attributes:
        title: Above them.
        caption: What is seen in them.
        shown: The name of each method, its picture if there is one, else why not, as far as known.
        task: What the pictures are of.
    """

    type = "gallery"
    title: str
    caption: str
    shown: list[tuple[str, Path | None, str]]
    task: str
    many: ClassVar[int] = 6  # methods: the pictures of more are folded away

    @property
    def folded(self) -> bool:
        """Whether the page keeps them closed until they are asked for."""
        return len(self.shown) > self.many


@dataclass(frozen=True)
class Folded(Block):
    """Blocks that the page keeps closed until they are asked for by the words of `summary`."""

    type = "folded"
    summary: str
    blocks: list


@dataclass(frozen=True)
class File(Block):
    """A file beside the page, which does not show it."""

    type = "file"
    path: Path
    text: str


@dataclass(frozen=True)
class Part:
    """Makes a section of the page, or some blocks of one that other parts add to.

    Attributes:
        section: The section's title.
        make: Makes its blocks from the report's numbers.
        needs: Whether the numbers have what it needs; without it the part is left out.
    """

    section: str
    make: Callable[["Numbers"], Iterable[Block]]
    needs: Callable[["Numbers"], bool] = field(default=lambda numbers: True)
