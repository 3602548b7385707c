"""What a section of the page is made of, and the parts that make the sections."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from vmi.report.numbers import Numbers

__all__ = [
    *("Block", "Facts", "File", "Folded", "Gallery", "Part", "Plot", "Prose", "Title"),
]


class Block:
    """A piece of a section; the page has a macro for each `type`, its class in small letters."""

    @property
    def type(self) -> str:
        """Returns the name of its macro."""
        return type(self).__name__.lower()


@dataclass(frozen=True)
class Title(Block):
    """A heading within a section."""

    text: str


@dataclass(frozen=True)
class Prose(Block):
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class Facts(Block):
    """Names, each with a fact; addresses become links."""

    facts: Mapping[str, object]


@dataclass(frozen=True)
class Plot(Block):
    """A figure: the stem of its file's name, the words around it, and what plots it."""

    stem: str
    title: str
    caption: str
    alt: str
    make: Callable[[], "Figure"]


@dataclass(frozen=True)
class Gallery(Block):
    """Pictures of one name on one task.

    Attributes:
        shown: The name of each method, its picture if there is one, else why not, as far as known.
    """

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

    summary: str
    blocks: list


@dataclass(frozen=True)
class File(Block):
    """A file beside the page, which does not show it."""

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
    needs: Callable[["Numbers"], bool] = lambda numbers: True

    @classmethod
    def figure(
        cls,
        stem: str,
        title: str,
        caption: str,
        plot: Callable[["Numbers"], "Figure"],
        needs: Callable[["Numbers"], bool],
    ) -> "Part":
        """Creates the part of one figure; in its title "{N}" stands for the sample size."""

        def make(numbers: "Numbers") -> list[Block]:
            named = title.replace("{N}", numbers.sized)
            return [numbers.plot(stem, named, caption, plot, numbers)]

        return cls("Figures", make, needs)
