"""What made a report: commit, versions, machine, seeds, seconds, and how to make it again."""

import os
import platform
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pandas as pd

__all__ = ["evaluation_seconds", "manifest", "training"]

PACKAGES = (
    "vmi",
    "torch",
    "torchvision",
    "numpy",
    "scipy",
    "scikit-learn",
    "pandas",
    "matplotlib",
    "seaborn",
    "jinja2",
    "snakemake",
)


def manifest(results: Path, records: pd.DataFrame, suite) -> dict[str, object]:
    """Returns all that is known of how these results were made; no host name, no path but `again`.

    It names the suite as the user did, who may have given a file of their own.
    """
    given = getattr(suite, "given", suite.name)
    return {
        "suite": suite.name,
        "again": f"snakemake --config {shlex.quote(f'suite={given}')}",
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "git": _git(),
        "versions": {"python": platform.python_version()} | _versions(),
        "machine": _machine(),
        "seeds": list(suite.seeds),
        **(_estimated(records, suite) if suite.tasks else _trained(results, records, suite)),
    }


def _estimated(records: pd.DataFrame, suite) -> dict[str, object]:
    return {
        "tasks": suite.tasks,
        "estimators": list(suite.estimators),
        "sizes": list(suite.sizes),
        "seconds": {"estimation": round(float(records["seconds"].sum()), 1)},
    }


def _trained(results: Path, records: pd.DataFrame, suite) -> dict[str, object]:
    trained = training(results, suite)
    return {
        "datasets": list(suite.datasets),
        "models": list(suite.models),
        "metrics": list(suite.metrics),
        "seconds": {
            "training": round(float(trained["seconds"].sum()), 1),
            "evaluation": round(evaluation_seconds(records), 1),
        },
        "engines": sorted(trained["engine"].dropna().unique().tolist()),
    }


def training(results: Path, suite) -> pd.DataFrame:
    """Returns what became of every seed that a suite trained: its steps, seconds and error."""
    columns = ["dataset", "model", "seed", "steps", "seconds", "engine", "error"]
    frames = []
    for path in sorted((results / "train").glob("*/*/*/status.csv")):
        dataset, model = path.parts[-4:-2]
        rows = pd.read_csv(path, dtype={"engine": str, "error": str})
        frames.append(rows.assign(dataset=dataset, model=model))
    if not frames:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in columns})
    rows = pd.concat(frames, ignore_index=True).fillna({"error": ""})[columns]
    wanted = {"dataset": list(suite.datasets), "model": list(suite.models), "seed": suite.seeds}
    return rows[rows[list(wanted)].isin(wanted).all(axis=1)]  # others are left of earlier runs


def evaluation_seconds(records: pd.DataFrame) -> float:
    """Returns the seconds of all metrics; each part of one carries the seconds of the whole."""
    whole = records["metric"].str.partition("/")[0]
    keys = [records["dataset"], records["model"], records["seed"], whole]
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
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


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
