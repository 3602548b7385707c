"""What made a report: commit, versions, machine, seeds, seconds, and how to make it again."""

import os
import platform
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from vmi.report.numbers import Numbers

__all__ = ["manifest", "measuring_seconds"]

PACKAGES = (
    *("vmi", "torch", "torchvision", "numpy", "scipy", "scikit-learn", "pandas"),
    *("matplotlib", "seaborn", "jinja2", "snakemake"),
)


def manifest(numbers: "Numbers") -> dict[str, object]:
    """Returns all that is known of how these results were made; no host name, no path but `again`.

    It names the suite as the user did, who may have given a file of their own.
    """
    suite, kind = numbers.suite, numbers.suite.kind
    seconds = {"measuring": round(measuring_seconds(numbers.rows), 1)}
    if len(numbers.trainings):
        seconds = {"training": round(float(numbers.trainings["seconds"].sum()), 1)} | seconds
    return {
        "suite": suite.name,
        "again": f"vmi run {shlex.quote(suite.given or suite.name)}",
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "git": _git(),
        "versions": {"python": platform.python_version()} | _versions(),
        "machine": _machine(),
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


def _git() -> dict[str, object]:
    """Only a checkout that tracks this very file is the source of the report."""
    here = Path(__file__)
    if _run("git", "ls-files", "--error-unmatch", here.name, cwd=here.parent) is None:
        return {"commit": "unknown", "dirty": None}
    commit = _run("git", "rev-parse", "HEAD", cwd=here.parent)
    changes = _run("git", "status", "--porcelain", "--untracked-files=no", cwd=here.parent)
    return {"commit": commit or "unknown", "dirty": None if changes is None else bool(changes)}


def _versions() -> dict[str, str]:
    found = {each.name.lower(): each.version for each in distributions()}
    return {package: found.get(package, "not installed") for package in PACKAGES}


def _machine() -> dict[str, object]:
    """The machine that wrote the report; its results may have been trained elsewhere."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "memory_gib": _memory(),
        "gpu": _run("nvidia-smi", "--query-gpu=name", "--format=csv,noheader") or "none seen",
        "os": f"{platform.system()} {platform.machine()}",
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"


def _memory() -> float | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    except (AttributeError, ValueError, OSError):  # not every system can be asked this way
        return None


def _run(*command: Sequence[str], cwd: Path | None = None) -> str | None:
    """Returns what a command prints, or None where it is missing, fails or takes too long."""
    if shutil.which(command[0]) is None:
        return None
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
