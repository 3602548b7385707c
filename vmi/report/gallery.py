"""The figures of a report with their captions, and the pictures as text that a page can hold."""

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure
from PIL import Image

from vmi.report import figures
from vmi.report.names import display
from vmi.report.style import looks
from vmi.report.tables import headline_metrics

__all__ = ["Picture", "Plan", "embed", "plans"]

_SCORES = (
    "Diamonds are means over seeds, bars their 95% bootstrap intervals, dots single seeds. "
    "Every panel has its own scale; a dashed line is the most that a metric "
    "can show, or its value stands at the edge where it is far away."
)
_BRACKET = (
    "The information between image and code lies between its lower and its upper bound (bars, "
    "means over seeds); the diamond is the estimate from the aggregate posterior. No lower bound "
    "passes ln K and no estimate ln N: a mark that touches its line says only “at least that”."
)
_PLANE = (
    "Small marks are seeds, large ones means. Along a dotted line rate + distortion, and so the "
    "ELBO written on it, is the same: models on one line spend it differently."
)
_CURVES = (
    "Means over the seeds that trained to the end, with 95% intervals. The fall of the first steps "
    "leaves the panel at the top or the bottom."
)


@dataclass(frozen=True)
class Plan:
    """A figure that the report will draw: its file's stem, its words, and how to draw it."""

    stem: str
    title: str
    caption: str
    alt: str
    draw: Callable[[], Figure]


@dataclass(frozen=True)
class Picture:
    """An image inside the page: its data URI and its size in pixels."""

    uri: str
    width: int
    height: int


def plans(records: pd.DataFrame, summary: pd.DataFrame, history: pd.DataFrame, suite) -> list[Plan]:
    """Returns the figures for which there are numbers, in the order of the page."""
    look = looks(suite.models)
    have = list(dict.fromkeys(summary.loc[summary["n"] > 0, "metric"]))
    main = headline_metrics(have)
    rest = [m for m in have if "/" not in m and m not in main]
    found = []
    for stem, title, metrics in (("scores", "Headline", main), ("scores-further", "Further", rest)):
        if metrics:
            draw = _later(figures.scores, records, summary, look, metrics)
            names = ", ".join(map(display, metrics))
            found.append(_plan(stem, f"{title} scores by model", _SCORES, suite, draw, names))
    for metric in (m for m in have if {f"{m}/infonce", f"{m}/rate"} <= set(have)):
        draw = _later(figures.bracket, summary, look, metric)
        title = f"How much the code knows: {display(metric)} between its bounds"
        found.append(_plan(f"bracket-{metric}", title, _BRACKET, suite, draw))
    if {"elbo/rate", "elbo/distortion"} <= set(have):
        draw = _later(figures.rate_distortion, records, look)
        found.append(_plan("rate-distortion", "Rate against distortion", _PLANE, suite, draw))
    if len(history):
        draw = _later(figures.curves, history, look)
        found.append(_plan("training", "Training", _CURVES, suite, draw))
    return found


def embed(path: Path, *, lossless: bool) -> Picture:
    """Returns an image file for a page, as WebP: the same picture in a fraction of the bytes."""
    with Image.open(path) as image:
        buffer = io.BytesIO()
        image.convert("RGB").save(buffer, "WEBP", lossless=lossless, quality=70, method=4)
        text = base64.b64encode(buffer.getvalue()).decode()
        return Picture(f"data:image/webp;base64,{text}", *image.size)


def _later(function: Callable[..., Figure], *args) -> Callable[[], Figure]:
    return lambda: function(*args)


def _plan(stem, title, caption, suite, draw, what: str = "") -> Plan:
    models = ", ".join(map(display, suite.models))
    shown = f" ({what})" if what else ""
    alt = f"{title}{shown} for {models} on {', '.join(suite.datasets)}; the tables hold the numbers"
    return Plan(stem.replace("/", "-"), title, caption, alt, draw)
