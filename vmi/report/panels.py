"""Panels: what one axis of a figure holds."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from vmi.report.statistics import interval
from vmi.report.style import GREY, INK, Look, Looks

__all__ = [
    "PAIR_KEY",
    "bracket_panel",
    "curve_lines",
    "nothing",
    "pair_panel",
    "score_panel",
    "zoom",
]


def score_panel(axis: Axes, rows: pd.DataFrame, seeds: pd.DataFrame, looks: Looks) -> None:
    """Draws means, intervals and seeds of one metric on one data set."""
    seeds = seeds[np.isfinite(seeds["value"])]
    if seeds.empty:
        nothing(axis, "not applicable" if rows["inapplicable"].any() else "no numbers")
        return
    places = {model: i for i, model in enumerate(looks)}
    colours = {model: look.colour for model, look in looks.items()}
    sns.scatterplot(
        x=seeds["value"],
        y=seeds["model"].map(places) + 0.2,
        hue=seeds["model"],
        palette=colours,
        ax=axis,
        s=16,
        alpha=0.55,
        linewidth=0,
        legend=False,
    )
    means = rows.set_index("model")
    for model, place in places.items():
        _interval(axis, means, model, place - 0.1, looks[model])
    axis.locator_params(axis="x", nbins=5)
    _ceiling(axis, rows["ceiling"].max(), seeds["value"])


def _interval(axis: Axes, means: pd.DataFrame, model: str, place: float, look: Look) -> None:
    if not np.isfinite(_mean(means, model)):
        known = model in means.index and means.loc[model, "inapplicable"]
        _absent(axis, place, "not applicable" if known else "no number")
        return
    row, ends = means.loc[model], {"color": look.colour, "lw": 2.4, "solid_capstyle": "butt"}
    axis.plot([row["low"], row["high"]], [place] * 2, **ends)
    axis.plot(row["mean"], place, "D", ms=5.5, mew=0.8, **look.marks())


def _ceiling(axis: Axes, ceiling: float, values: pd.Series) -> None:
    """Draws the ceiling if that leaves the numbers half of the panel, else names it at the edge."""
    if not np.isfinite(ceiling):
        return
    low, high = axis.get_xlim()
    if ceiling - low <= 2 * (high - low):
        axis.axvline(ceiling, color=GREY, ls="--", lw=1.1, zorder=1)
        axis.set_xlim(low, max(high, ceiling + 0.04 * (ceiling - low)))
    else:
        axis.annotate(
            f"ceiling {ceiling:.3g} →",
            (1, 1),
            xycoords="axes fraction",
            ha="right",
            va="bottom",
            color=GREY,
            fontsize=8,
        )


def bracket_panel(axis: Axes, parts: dict[str, pd.DataFrame], looks: Looks) -> None:
    """Draws each model's lower bound, upper bound and estimate, and the ceilings."""
    sides = {part: rows.set_index("model") for part, rows in parts.items()}
    for place, (model, look) in enumerate(looks.items()):
        low, high, estimate = (_mean(sides[p], model) for p in ("/infonce", "/rate", ""))
        ends = {"color": look.colour, "lw": 3, "alpha": 0.45, "marker": "|", "ms": 13, "mew": 2.2}
        axis.plot([low, high], [place] * 2, **ends)
        axis.plot(estimate, place, "D", ms=7, mew=0.8, **look.marks())
        if not np.isfinite([low, high, estimate]).any():
            _absent(axis, place)
    for part, style in (("/infonce", "--"), ("", ":")):
        axis.axvline(sides[part]["ceiling"].max(), color=GREY, ls=style, lw=1.3, zorder=1)
    axis.set_xlim(left=min(0.0, axis.get_xlim()[0]))


def pair_panel(axis: Axes, parts: dict[str, pd.DataFrame], models: Sequence[str]) -> None:
    """Draws two quantities of each model with their intervals, and the entropy above them."""
    sides = {part: rows.set_index("model") for part, rows in parts.items()}
    for place, model in enumerate(models):
        for part, nudge in (("seen", -0.15), ("told", 0.15)):
            _end(axis, sides[part], model, place + nudge, _PAIR[part])
        entropy = _mean(sides["entropy"], model)
        axis.plot(entropy, place, color=INK, marker="|", ms=14, mew=1.6, ls="")
        if not np.isfinite([_mean(sides[part], model) for part in ("seen", "told")]).any():
            _absent(axis, place)
    axis.axvline(sides["seen"]["ceiling"].max(), color=GREY, ls="--", lw=1.1, zorder=1)
    axis.set_xlim(left=min(0.0, axis.get_xlim()[0]))


def _end(axis: Axes, rows: pd.DataFrame, model: str, place: float, look: Look) -> None:
    if np.isfinite(_mean(rows, model)):
        row = rows.loc[model]
        axis.plot([row["low"], row["high"]], [place] * 2, color=look.colour, lw=2.2)
        axis.plot(row["mean"], place, look.marker, ms=6, mew=0.8, **look.marks())


def curve_lines(axis: Axes, rows: pd.DataFrame, looks: Looks) -> list[np.ndarray]:
    """Draws one term of training by model; returns its values but those of the first steps."""
    late = []
    for model, look in looks.items():
        wide = rows[rows["model"] == model].pivot_table(
            index="step", columns="seed", values="value"
        )
        wide = wide.dropna(axis="columns")  # the seeds that went all the way
        if wide.empty:
            continue
        wide = wide.iloc[:: -(-len(wide) // 200)]
        low, high = interval(wide.to_numpy())
        mean = wide.mean(axis="columns")
        axis.plot(wide.index, mean, color=look.colour, ls=look.line, lw=1.6)
        axis.fill_between(wide.index, low, high, color=look.colour, alpha=0.2, linewidth=0)
        late.append(wide.iloc[len(wide) // 10 :].to_numpy().ravel())
    return late


def zoom(axis: Axes, values: list[np.ndarray]) -> None:
    """Shows all but the first steps, whose fall would flatten everything after it."""
    if not values:
        nothing(axis)
        return
    low, high = np.quantile(np.concatenate(values), [0.0, 0.995])
    room = 0.08 * (high - low) or 0.5
    axis.set_ylim(low - room, high + room)
    axis.locator_params(nbins=5)


def nothing(axis: Axes, text: str = "no numbers") -> None:
    """Leaves the panel empty but for a word in its middle."""
    where = {"transform": axis.transAxes, "ha": "center", "va": "center"}
    axis.text(0.5, 0.5, text, color=GREY, **where)
    axis.set_xticks([])
    axis.grid(False)


def _absent(axis: Axes, place: float, text: str = "no number") -> None:
    where = {"transform": axis.get_yaxis_transform(), "va": "center"}
    axis.text(0.02, place, text, color=GREY, fontsize=8, style="italic", **where)


def _mean(rows: pd.DataFrame, model: str) -> float:
    return rows["mean"].get(model, np.nan)


_PAIR = {"seen": Look("#0072B2", "o"), "told": Look("#D55E00", "D")}
PAIR_KEY = {
    "I(x; c): code and image, exact": Line2D([], [], marker="o", ms=6, **_PAIR["seen"].marks()),
    "I(c; x̂) ≥: code and decoded image, VMI bound": Line2D(
        [], [], marker="D", ms=6, **_PAIR["told"].marks()
    ),
    "H(q(c)), which neither can pass": Line2D([], [], color=INK, marker="|", ms=14, mew=1.6, ls=""),
    "ln K": Line2D([], [], color=GREY, ls="--", lw=1.1),
}
