"""The stage that finds, verifies and describes a data set."""

import hashlib
import json
from typing import TYPE_CHECKING

from vmi.stages import provenance, reads
from vmi.stages.cells import dataset_of
from vmi.stages.where import where

if TYPE_CHECKING:
    from vmi.data.dataset import Split
    from vmi.suites.suite import Suite

__all__ = ["describe"]


def describe(suite: "Suite", task: str) -> None:
    """Writes what the page says of a data set; files that are missing are fetched on the way."""
    place = where(suite)
    with reads.recording(place.root.parent) as read:
        dataset = dataset_of(suite.cell(task, next(iter(suite.methods))))
        dataset.check()
        reads.keep(place.reads(task), "describe", read())
    factors = dataset.evaluation.factors
    values = [] if factors is None else [len(column.unique()) for column in factors.T]
    facts = {
        "name": task,
        "shape": dataset.shape,
        "train": len(dataset.train),
        "evaluation": len(dataset.evaluation),
        "factors": dict(zip(dataset.factor_names, values, strict=True)),
        "binarisation": dataset.binarisation,
        "binary": dataset.binary,
        "source": dataset.source,
        "sha256": {name: _checksum(getattr(dataset, name)) for name in ("train", "evaluation")},
    }
    path = place.data(task)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(facts, indent=2) + "\n")
    made = provenance.of_description(suite, task)
    place.ledger("describe", task).seal("describe", [path, place.reads(task)], provenance=made)


def _checksum(split: "Split") -> str:
    """Of the images, labels and factors as they are given to models, in this order."""
    digest = hashlib.sha256()
    for part in (split.images, split.labels, split.factors):
        if part is not None:
            digest.update(f"{part.dtype} {tuple(part.shape)}".encode())
            digest.update(part.contiguous().numpy().data)
    return digest.hexdigest()
