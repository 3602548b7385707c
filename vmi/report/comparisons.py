"""The figures of a suite whose models are in groups: an experiment with its controls."""

import re

import pandas as pd

from vmi.report import figures, maps, planes, training
from vmi.report.facets import by_arm
from vmi.report.plan import Plan, plan
from vmi.report.style import Looks

__all__ = ["CURVES", "PLANE", "comparisons", "grouped"]

PLANE = (
    "Small marks are seeds, large ones means. Along a dotted line rate + distortion, and so the "
    "ELBO written on it, is the same: models on one line spend it differently."
)
CURVES = (
    "Means over the seeds that trained to the end, with 95% intervals. The fall of the first steps "
    "leaves the panel at the top or the bottom."
)
_PANELS = " Every panel has its own scale."
_ROWS = " All panels of a row have one scale."
_INFORMATION = (
    "Left: what the code tells of the image against what it costs. But for noise the information "
    "cannot pass the rate, so no model lies in the shaded half; what it falls short of the line is "
    "KL(q(z) ‖ p(z)), rate that buys no information. No estimate passes ln N (dashed): a model "
    "that touches it tells at least that, and its distance from the line means nothing. Middle: "
    "what the frame on the left holds. Right: "
    "what the category tells of the image, exactly, against how good a classifier it is. A label "
    "is the number in a model's name, or its group."
)
_PAIR = (
    "The two are not ordered: a model that draws its category at random and decodes it clearly is "
    "far to the right in the second and at 0 in the first. Means over seeds with 95% intervals; "
    "the bar is the entropy of the aggregate code, which neither can pass."
)
_DIMENSIONS = (
    "Means over seeds of I(x; z_d), each dimension on its own, estimated from the aggregate "
    "posterior; numbers where it is at least 0.1 nats. A frame holds the chosen dimensions, which "
    "Q is to tell or whose rate is weighed apart. Grey: the code has no such dimension."
)
_BOUND = (
    "What Q tells of the category from the decoded image, plus the entropy of the category over "
    "the batch: a lower bound on I(c; decoded image) where codes are hard. The cross-entropy of a "
    "soft sample bounds the information of neither the soft nor the hard code. For Gaussian "
    "dimensions the entropy is that of the prior, as training does not know the code's own, so "
    "that those rows are no bound. Dashed: ln K. Models without a Q are left out; the Q of a VAE "
    "that is here only watches, so that its curve is the one without the MI term."
)
_CATEGORY = (
    "KL(q(c|x) ‖ p(c)) over training: 0 where the category is ignored, at most ln K (dashed)."
)


def grouped(suite) -> bool:
    """Returns whether the suite has groups of models, some of them of several."""
    groups = getattr(suite, "groups", {})
    return 1 < len(set(groups.values())) < len(groups)


def comparisons(
    records: pd.DataFrame,
    summary: pd.DataFrame,
    history: pd.DataFrame,
    suite,
    look: Looks,
    have: list[str],
) -> list[Plan]:
    """Returns the figures of a suite with groups for which there are numbers."""
    columns = by_arm(look, suite.arms)
    numbers = _of_numbers(records, summary, suite, look, have)
    if {"elbo/rate", "elbo/distortion"} <= set(have):
        draw = planes.rate_distortion_by_arm, records, columns
        numbers.append(
            plan("rate-distortion", "Rate against distortion", PLANE + _PANELS, suite, *draw)
        )
    return numbers + _of_training(history, suite, columns)


def _of_numbers(records, summary, suite, look: Looks, have: list[str]) -> list[Plan]:
    found = []
    if {planes.RATE, planes.INFORMATION} <= set(have):
        draw = planes.plane, records, summary, look, suite.groups, suite.arms
        title = "The information plane: every model and its control"
        found.append(plan("plane", title, _INFORMATION, suite, *draw))
    told = _owner(have, "categorical")
    if told and planes.CATEGORY in have:
        draw = figures.seen_and_told, summary, look, planes.CATEGORY, told
        title = "What the category says of the image, and the decoded image of the category"
        found.append(plan("seen-and-told", title, _PAIR, suite, *draw))
    split = _owner(have, r"dimension-\d+")
    if split:
        informed = {cell: code.get("informed", 0) for cell, code in _codes(suite).items()}
        draw = maps.dimensions, summary, look, split, informed
        title = "What each Gaussian dimension says of the image"
        found.append(plan("dimensions", title, _DIMENSIONS, suite, *draw))
    return found


def _of_training(history: pd.DataFrame, suite, columns: dict[str, Looks]) -> list[Plan]:
    have, codes, found = set(history["term"]), _codes(suite), []
    if {"entropy_categorical", "missing_categorical", "missing_gaussian"} & have:
        title = "The bound on I(c; decoded image) over training"
        draw = training.bound, history, columns, codes
        found.append(plan("bound", title, _BOUND + _ROWS, suite, *draw))
    with_category = {model for (_, model), code in codes.items() if code.get("categorical")}
    if "rate_categorical" in have and with_category & set(history["model"]):
        draw = training.rate_categorical, history, columns, codes
        title = "The rate of the category over training"
        found.append(plan("rate-categorical", title, _CATEGORY + _ROWS, suite, *draw))
    names = [term for term in ("loss", "distortion", "rate") if term in have]
    if names:
        draw = training.terms, history, columns, names
        found.append(plan("training", "Training", CURVES + _ROWS, suite, *draw))
    return found


def _owner(have: list[str], part: str) -> str:
    """The metric that has a part of that name, or ""."""
    found = (re.fullmatch(rf"(vmi-bound.*|information-dimensions.*)/{part}", m) for m in have)
    return next((match[1] for match in found if match), "")


def _codes(suite) -> dict[tuple[str, str], dict]:
    """What the code of each data set and model is made of."""
    return {(d, m): suite.cell(d, m)["latents"] for d in suite.datasets for m in suite.models}
