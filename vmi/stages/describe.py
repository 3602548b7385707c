"""The stage that finds, verifies and describes a data set."""

import json
from pathlib import Path

from vmi.stages.cells import dataset_of
from vmi.suites.suite import Suite

__all__ = ["describe"]


def describe(suite: Suite, dataset: str, output: Path) -> None:
    """Writes what the page says of a data set; files that are missing are fetched on the way."""
    loaded = dataset_of(suite.cell(dataset, next(iter(suite.models))))
    loaded.check()
    factors = loaded.evaluation.factors
    values = [] if factors is None else [len(column.unique()) for column in factors.T]
    about = {
        "name": dataset,
        "shape": loaded.shape,
        "train": len(loaded.train),
        "evaluation": len(loaded.evaluation),
        "factors": dict(zip(loaded.factor_names, values, strict=True)),
        "binarisation": loaded.binarisation,
        "binary": loaded.binary,
        "source": loaded.source,
    }
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(about, indent=2) + "\n")
