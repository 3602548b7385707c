"""The page: one HTML file that opens from a disk, on a phone or a wide screen, with no network."""

import base64
import io
import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from PIL import Image

from vmi.errors import reading
from vmi.report.blocks import Block
from vmi.report.numbers import Numbers

__all__ = ["Picture", "Section", "embed", "environment", "page"]

NARROW, WIDE = 240, 350  # pixels that a picture of a gallery is shown across, at least and at most


@dataclass(frozen=True)
class Section:
    """A section of the page."""

    title: str
    blocks: list[Block]

    @property
    def name(self) -> str:
        """What the address of the section ends with: `all-numbers`."""
        return re.sub(r"\W+", "-", self.title.lower())


@dataclass(frozen=True)
class Picture:
    """An image inside the page: its data URI and its size in pixels."""

    uri: str
    width: int
    height: int


def page(numbers: Numbers, sections: list[Section], facts: dict) -> str:
    """Returns the report as one self-contained HTML page.

    Args:
        numbers: Of the report.
        sections: The page's.
        facts: As `vmi.report.manifest.manifest` gives them.
    """
    suite = numbers.suite
    template = environment(numbers.where.figures).get_template("page.html")
    grid = f"{suite.kind.method.counted(len(suite.methods))} on "
    grid += suite.kind.task.counted(len(suite.tasks))
    if suite.sizes != [0]:
        grid += f", {', '.join(f'{size:,}' for size in suite.sizes)} samples"
    return template.render(suite=suite, facts=facts, sections=sections, grid=grid)


def environment(figures: Path = Path()) -> Environment:
    """Creates the environment of the template, with the filters that it uses.

    Args:
        figures: The folder of the figures.
    """
    environment = Environment(
        loader=PackageLoader("vmi.report", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "breaks": _breaks,
        "duration": _duration,
        "figure": lambda stem: embed(figures / f"{stem}.png", lossless=True),
        "parts": _parts,
        "picture": partial(embed, lossless=False),
        "width": _width,
    }
    return environment


def embed(path: Path, *, lossless: bool) -> Picture:
    """Returns an image file for a page, as WebP: the same picture in a fraction of the bytes."""
    with reading(path, path.parents[1]), Image.open(path) as image:  # the folder of the cohort
        buffer = io.BytesIO()
        image.convert("RGB").save(buffer, "WEBP", lossless=lossless, quality=70, method=4)
        text = base64.b64encode(buffer.getvalue()).decode()
        return Picture(f"data:image/webp;base64,{text}", *image.size)


def _width(pictures: list[Picture]) -> int:
    """How many pixels of the page each picture of a gallery needs to be made out."""
    return min(WIDE, max(NARROW, *(picture.width for picture in pictures)))


def _duration(seconds: float) -> str:
    """Returns seconds in the unit that a person would use."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _parts(text: str) -> tuple[str, str]:
    """Splits `mean [low, high]`, or `name [unit]`, so that the page can set the rest smaller."""
    first, bracket, rest = text.partition(" [")
    parts = first, bracket.strip() + rest
    if not re.match(r"-?[\d.]+$", first):
        return parts
    return tuple(part.replace("-", "\N{MINUS SIGN}") for part in parts)


def _breaks(text: str) -> Markup:
    """Keeps a short name on one line and lets a long one break after its punctuation.

    A decimal point is none.
    """
    if len(text) <= 20:
        return Markup('<span class="whole">{}</span>').format(text)
    return Markup("<wbr>").join(re.split(r"(?<=[._:/-])(?!(?<=\.)\d)", text))
