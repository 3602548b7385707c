"""What made a report: commit, versions, machine, seeds, seconds, and how to make it again."""

import shlex
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pandas as pd

from vmi.machine import commit, machine, versions
from vmi.stages.ran import used

if TYPE_CHECKING:
    from vmi.report.numbers import Numbers

__all__ = ["manifest", "measuring_seconds"]


def manifest(numbers: "Numbers") -> dict[str, object]:
    """Returns all that is known of how these results were made; no host name, no path but `again`.

    It names the suite as the user did, who may have given a file of their own.
    """
    suite, kind = numbers.suite, numbers.suite.kind
    seconds = {"measuring": round(measuring_seconds(numbers.rows), 1)}
    if len(numbers.trainings):
        seconds = {"training": round(float(numbers.trainings["seconds"].sum()), 1)} | seconds
    took = used(cell.ran for cell in numbers.where.every_cell())
    return {
        "suite": suite.name,
        "again": f"vmi run {shlex.quote(suite.given or suite.name)}",
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "git": commit(),
        "versions": versions(),
        "machine": machine(),  # that wrote the report; the cohorts may have run elsewhere
        **({"cohorts": took} if took["processors"] else {}),
        "seeds": list(suite.seeds),
        kind.task.key: list(suite.tasks),
        kind.method.key: list(suite.methods),
        **({"sizes": list(suite.sizes)} if max(suite.sizes) else {}),
        "measures": list(suite.measures),
        "seconds": seconds,
        "engines": sorted(numbers.trainings["engine"].dropna().unique().tolist()),
    }


def measuring_seconds(records: pd.DataFrame) -> float:
    """Returns the seconds of all measures; each part of one carries the seconds of the whole."""
    whole = records["measure"].str.partition("/")[0]
    keys = [*(records[name] for name in ("task", "method", "arm", "size", "seed")), whole]
    return float(records.groupby(keys)["seconds"].max().sum())
