"""The pictures of a suite as the page shows them: kinds and models in the suite's order."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from vmi.registry import row_name
from vmi.report.gallery import Picture, embed
from vmi.report.names import display, stem

__all__ = ["CAPTIONS", "Gallery", "galleries", "title"]

MANY = 6  # models: the pictures of more are folded away
NARROW, WIDE = 240, 350  # pixels that a picture is shown across, at least and at most

_SWEEP = (
    "with one part of its code moved: Gaussian dimension 0, then 1, as far as the code has them, "
    "then the category through its values."
)
CAPTIONS: dict[str, str] = {
    "reconstructions": "Rows of images, each above the row of their reconstructions.",
    "samples": "Decoded draws of the prior, the same for all models with such a code.",
    "traversals": "The code of one image with a dimension a row moved from −3 to 3, the most "
    "informed of the image first, and then the category through its values.",
    "sweeps": f"At the left images, beside each its reconstruction {_SWEEP}",
    "sweeps-prior": f"At the left decoded draws of the prior, beside each the draw {_SWEEP}",
    "grid": "Dimension 0 from left to right, dimension 1 from top to bottom; the other dimensions "
    "at 0, and the first value of each category.",
    "classes": "Of a hundred images whose most probable value is that of the row, how many have "
    "each label; the number of images stands in brackets.",
}


@dataclass(frozen=True)
class Gallery:
    """The pictures of one kind on one data set.

    Attributes:
        title: The kind's.
        caption: What is seen in them.
        shown: Of each model its picture, or else why there is none, as far as drawing says it.
    """

    title: str
    caption: str
    shown: list[tuple[str, Picture | None, str]]

    def __bool__(self) -> bool:
        """Whether there is any picture."""
        return any(picture for _, picture, _ in self.shown)

    @property
    def folded(self) -> bool:
        """Whether the page keeps them closed until they are asked for."""
        return len(self.shown) > MANY

    @property
    def width(self) -> int:
        """How many pixels of the page each needs to be made out."""
        widths = [picture.width for _, picture, _ in self.shown if picture]
        return min(WIDE, max(NARROW, *widths))


def galleries(results: Path, suite) -> dict[str, list[Gallery]]:
    """Returns the kinds of pictures of each data set; none that is empty."""
    kinds = [row_name(name) for name in suite.pictures]
    found = {
        dataset: [_gallery(results / "pictures" / dataset, kind, suite.models) for kind in kinds]
        for dataset in suite.datasets
    }
    return {dataset: list(filter(None, each)) for dataset, each in found.items() if any(each)}


def title(kind: str) -> str:
    """Returns the heading over pictures of a kind, or the raw name where there is none.

    Example:
        >>> title("sweeps-3"), title("mine")
        ('Sweeps of reconstructions, −3 to 3', 'mine')
    """
    return display(f"pictures/{kind}").removeprefix("pictures/")


def _gallery(folder: Path, kind: str, models: Iterable[str]) -> Gallery:
    shown = [(model, *_picture(folder / model, kind)) for model in models]
    return Gallery(title(kind), CAPTIONS.get(stem(kind), ""), shown)


def _picture(folder: Path, kind: str) -> tuple[Picture | None, str]:
    image, reason = folder / f"{kind}.png", folder / f"{kind}.txt"
    if image.exists():
        return embed(image, lossless=False), ""
    return None, reason.read_text(encoding="utf-8").strip() if reason.exists() else ""
