"""Suites as a user runs them, by Snakemake, and stage after stage in this process."""

import os
import subprocess
import sys
from pathlib import Path

from vmi.report import report
from vmi.stages.check import check
from vmi.stages.cohort import cohort
from vmi.stages.gather import gather
from vmi.stages.where import where
from vmi.suites.file import load_suite

ROOT = Path(__file__).parent.parent


def snakemake(folder, *arguments, suite="suite.yaml"):
    """Runs Snakemake in a folder of its own on the two cores, as a user would."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile")]
    command += [
        "--directory",
        str(folder),
        "--cores",
        "2",
        *arguments,
        "--config",
        f"suite={suite}",
    ]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env=environment, timeout=500
    )


def in_process(name):
    """Takes a shipped suite from nothing to its page here; returns it and where its results lie."""
    suite = load_suite(name)
    check(suite)
    for group in suite.task_groups:
        for method in suite.methods:
            cohort(suite, group, method, suite.seeds, quiet=True)
    gather(suite)
    report(suite)
    return suite, where(suite).root.absolute()
