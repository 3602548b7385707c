"""The page: one HTML file that opens from a disk, on a phone or a wide screen, with no network."""

import json
import re
from pathlib import Path

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from vmi.report.gallery import Plan, embed
from vmi.report.names import binarisation, display, stem
from vmi.report.pictures import galleries
from vmi.report.tables import Table, families, headline, table, tabled
from vmi.report.troubles import STATES
from vmi.report.verdicts import READING, effect, tally

__all__ = ["environment", "page"]


def page(
    results: Path,
    suite,
    summary: pd.DataFrame,
    troubles: pd.DataFrame,
    claimed: pd.DataFrame,
    made: dict,
    figures: list[Plan],
) -> str:
    """Returns the report as one self-contained HTML page."""
    template = environment().get_template("suite.html")
    return template.render(
        suite=suite,
        made=made,
        headlines=_headlines(summary),
        claims=_claims(claimed),
        tally=tally(claimed) if len(claimed) else "",
        reading=READING,
        metrics=set(map(stem, summary["metric"])),
        figures=[(f, embed(results / "figures" / f"{f.stem}.png", lossless=True)) for f in figures],
        galleries=galleries(results, suite),
        tables=families(summary),
        conventions=_conventions(summary),
        troubles={s: troubles[troubles["state"] == s].to_dict("records") for s in STATES},
        datasets=[_description(results, name) for name in suite.datasets],
    )


def environment() -> Environment:
    """Creates the environment of the templates, with the filters that they use."""
    loader = PackageLoader("vmi.report", "")
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "bits": _bits,
        "display": display,
        "duration": _duration,
        "effect": effect,
        "parts": _parts,
        "breaks": _breaks,
    }
    return environment


def _headlines(summary: pd.DataFrame) -> dict[str, Table]:
    metrics = headline(summary, "").metrics  # the same columns for every data set
    groups = summary.groupby("dataset", sort=False)
    return {dataset: table(rows, metrics, f"Headline of {dataset}") for dataset, rows in groups}


def _claims(claimed: pd.DataFrame) -> dict[str, list[dict]]:
    """Returns each claim's rows, one a data set."""
    return {key: rows.to_dict("records") for key, rows in claimed.groupby("id", sort=False)}


def _conventions(summary: pd.DataFrame) -> dict[str, str]:
    """What a reader must know to compare a metric's number with another's."""
    said = summary[(summary["convention"] != "") & summary["metric"].map(tabled)]
    return dict(zip(said["metric"], said["convention"], strict=True))


def _description(results: Path, name: str) -> dict[str, object]:
    path = results / "data" / f"{name}.json"
    facts = json.loads(path.read_text()) if path.exists() else {}
    keys = ("shape", "train", "evaluation", "factors", "binarisation", "binary", "source")
    empty = dict.fromkeys(keys)
    return empty | facts | {"name": name}


def _bits(facts: dict) -> str:
    """Returns how the images of a data set became bits, in words."""
    made = binarisation(facts["binarisation"] or "none")
    return made or ("bits as they are" if facts["binary"] else "not binarised")


def _duration(seconds: float) -> str:
    """Returns seconds as a person says them."""
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
