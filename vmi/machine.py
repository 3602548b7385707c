"""On what something was made: the commit, the versions, the machine. Nothing here imports torch."""

import os
import platform
import resource
import shutil
import subprocess
import sys
from functools import cache
from importlib.metadata import distributions
from pathlib import Path

__all__ = ["commit", "machine", "peak_mb", "versions"]

PACKAGES = (
    *("vmi", "torch", "torchvision", "numpy", "scipy", "scikit-learn", "pandas"),
    *("matplotlib", "seaborn", "jinja2", "snakemake"),
)


@cache
def commit() -> dict[str, object]:
    """Returns the commit of this code and whether it was changed since; "unknown" of a wheel.

    Only a checkout that tracks this very file is the source of what runs.
    """
    here = Path(__file__)
    if _run("git", "ls-files", "--error-unmatch", here.name, cwd=here.parent) is None:
        return {"commit": "unknown", "dirty": None}
    found = _run("git", "rev-parse", "HEAD", cwd=here.parent)
    changes = _run("git", "status", "--porcelain", "--untracked-files=no", cwd=here.parent)
    return {"commit": found or "unknown", "dirty": None if changes is None else bool(changes)}


@cache
def versions() -> dict[str, str]:
    """Returns the versions of Python and of the packages that numbers hang on."""
    found = {each.name.lower(): each.version for each in distributions()}
    named = {package: found.get(package, "not installed") for package in PACKAGES}
    return {"python": platform.python_version()} | named


@cache
def machine() -> dict[str, object]:
    """Returns the processor, its cores, the memory in GiB, the GPU and the system; no host name."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "memory_gib": _memory(),
        "gpu": _run("nvidia-smi", "--query-gpu=name", "--format=csv,noheader") or "none seen",
        "os": f"{platform.system()} {platform.machine()}",
    }


def peak_mb() -> float:
    """Returns the most memory that this process has held so far, in megabytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(most * (1 if sys.platform == "darwin" else 1024) / 1e6, 1)


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


def _run(*command: str, cwd: Path | None = None) -> str | None:
    """Returns what a command prints, or None where it is missing, fails or takes too long."""
    if shutil.which(command[0]) is None:
        return None
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
