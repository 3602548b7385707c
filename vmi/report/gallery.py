"""The figures of a report with their captions, and the pictures as text that a page can hold."""

import base64
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from vmi.report import figures, planes, training
from vmi.report.comparisons import CURVES, PLANE, comparisons, grouped
from vmi.report.names import display
from vmi.report.plan import Plan, plan
from vmi.report.style import Looks, looks, many
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


@dataclass(frozen=True)
class Picture:
    """An image inside the page: its data URI and its size in pixels."""

    uri: str
    width: int
    height: int


def plans(records: pd.DataFrame, summary: pd.DataFrame, history: pd.DataFrame, suite) -> list[Plan]:
    """Returns the figures for which there are numbers, in the order of the page."""
    look = looks(suite.models, getattr(suite, "groups", None), getattr(suite, "arms", None))
    have = list(dict.fromkeys(summary.loc[summary["n"] > 0, "metric"]))
    history = history[np.isfinite(history["value"].astype(float))]
    found = [*_scores(records, summary, suite, look, have), *_brackets(summary, suite, look, have)]
    if grouped(suite):
        return found + comparisons(records, summary, history, suite, look, have)
    if {"elbo/rate", "elbo/distortion"} <= set(have):
        draw = planes.rate_distortion, records, look
        found.append(plan("rate-distortion", "Rate against distortion", PLANE, suite, *draw))
    if len(history):
        draw = training.curves, history, look
        found.append(plan("training", "Training", CURVES, suite, *draw))
    return found


def _scores(records, summary, suite, look: Looks, have: list[str]) -> Iterator[Plan]:
    main = headline_metrics(have)
    rest = [m for m in have if "/" not in m and m not in main]
    parts = _parts(rest) if many(look) else [rest]
    stems = ["scores-further", *(f"scores-further-{i}" for i in range(2, len(parts) + 1))]
    for stem, title, metrics in [
        ("scores", "Headline", main),
        *((stem, "Further", part) for stem, part in zip(stems, parts, strict=False)),
    ]:
        if metrics:
            what = ", ".join(map(display, metrics))
            draw = figures.scores, records, summary, look, metrics
            yield plan(stem, f"{title} scores by model", _SCORES, suite, *draw, what=what)


def _parts(metrics: list[str], most: int = 5) -> list[list[str]]:
    """Parts of about one size, each of no more panels side by side than a page holds."""
    size = -(-len(metrics) // max(1, -(-len(metrics) // most)))
    return [metrics[i : i + size] for i in range(0, len(metrics), size or 1)]


def _brackets(summary, suite, look: Looks, have: list[str]) -> Iterator[Plan]:
    for metric in (m for m in have if {f"{m}/infonce", f"{m}/rate"} <= set(have)):
        title = f"How much the code knows: {display(metric)} between its bounds"
        draw = figures.bracket, summary, look, metric
        yield plan(f"bracket-{metric}", title, _BRACKET, suite, *draw)


def embed(path: Path, *, lossless: bool) -> Picture:
    """Returns an image file for a page, as WebP: the same picture in a fraction of the bytes."""
    with Image.open(path) as image:
        buffer = io.BytesIO()
        image.convert("RGB").save(buffer, "WEBP", lossless=lossless, quality=70, method=4)
        text = base64.b64encode(buffer.getvalue()).decode()
        return Picture(f"data:image/webp;base64,{text}", *image.size)
