"""What files are made from: the workflow's rules go by it, and it is kept beside the files.

A rule runs again where this changes; published files are taken back where it has not. This file
imports no torch.
"""

import json
from pathlib import Path
from typing import Any

from vmi.stages.sources import evaluation_sources, picture_sources, training_sources
from vmi.suites.suite import Suite

__all__ = [
    "Provenance",
    "agrees",
    "keep",
    "of_comparison",
    "of_evaluation",
    "of_pictures",
    "of_training",
]

Provenance = dict[str, Any]


def of_training(suite: Suite, dataset: str, model: str) -> Provenance:
    """Returns what a training comes from, but its seeds: its settings and its code."""
    data, kind = suite.datasets[dataset]["dataset"], suite.models[model]["model"]
    return {"cell": suite.cell(dataset, model), "sources": training_sources(data, kind)}


def of_evaluation(suite: Suite, family: str) -> Provenance:
    """Returns what the records of a family come from, besides the trained models."""
    metrics = suite.families()[family]
    images = suite.likelihood_images if family == "likelihood" else None
    return {"metrics": metrics, "images": images, "sources": evaluation_sources(metrics)}


def of_comparison(suite: Suite) -> Provenance:
    """Returns what the records across seeds come from, besides the codes."""
    metrics = suite.families().get("seeds", [])
    return {"metrics": metrics, "seeds": suite.seeds, "sources": evaluation_sources(metrics)}


def of_pictures(suite: Suite) -> Provenance:
    """Returns what the pictures of a model come from, besides the model."""
    names, seed = suite.pictures, suite.seeds[0]
    return {"pictures": names, "seed": seed, "sources": picture_sources(names)}


def keep(path: Path, provenance: Provenance) -> None:
    """Writes a provenance beside what was made from it."""
    path.write_text(json.dumps(provenance, indent=1) + "\n", encoding="utf-8")


def agrees(path: Path, provenance: Provenance) -> bool:
    """Whether the provenance that was kept there is this one."""
    return path.is_file() and json.loads(path.read_text(encoding="utf-8")) == provenance
