"""Snakemake as a user runs it, in a folder of its own."""

import os
import subprocess
import sys
from pathlib import Path

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
