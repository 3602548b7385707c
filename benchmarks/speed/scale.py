"""What large suites cost: a report of very many records, a dry run of very many cells.

    python benchmarks/speed/scale.py [--kind models] [--records 100000]
    python benchmarks/speed/scale.py --cells 10000

The first makes up records of a grid that is far larger than any here, and writes their report; the
second asks Snakemake what it would do of a suite with that many pairs of a task and a method. Both
print seconds and the peak of their memory.
"""

import argparse
import math
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import yaml

from vmi.estimate import Estimate
from vmi.records import Place, Record, write
from vmi.report import report
from vmi.suites.suite import Suite

ROOT = Path(__file__).resolve().parents[2]
SEEDS = 5


def of_models(cells):
    """Returns the settings of a suite of data sets and models, as square as that many allow."""
    side = math.isqrt(cells)
    datasets = [{"name": f"data-{i}", "dataset": "digits"} for i in range(side)]
    models = [{"name": f"model-{i}", "model": "vae"} for i in range(-(-cells // side))]
    metrics = ["mig", "dci", "sap", "nmi", "ari", "elbo", "iwae-50", "active-units"]
    return {"datasets": datasets, "models": models, "metrics": metrics}


def of_estimators(cells):
    """Returns the settings of a suite of tasks and estimators."""
    side = math.isqrt(cells)
    names = ("ksg", "ksg2", "mixed-ksg", "infonce", "smile")
    estimators = [f"{names[i % 5]}-{1 + i // 5}" for i in range(-(-cells // side))]
    tasks = [f"two-pair-{2 + i}" for i in range(side)]
    return {"tasks": tasks, "estimators": estimators, "sizes": [500]}


KINDS = {"models": of_models, "estimators": of_estimators}


def make_suite(kind, cells):
    """Creates a suite of that many pairs of a task and a method."""
    about = {"title": "A very large suite", "seeds": list(range(SEEDS))}
    return Suite("large", about | KINDS[kind](cells))


def make_records(suite):
    """Yields made-up records, one for each number of a suite; some fail, some have a warning."""
    draw = np.random.default_rng(0)
    for i, task in enumerate(suite.tasks):
        for method in suite.methods:
            for size in suite.sizes:
                for seed in suite.seeds:
                    place = Place(suite.name, task, method, "", size, seed)
                    for measure in suite.rows_of("measures"):
                        luck, value = draw.uniform(), draw.normal(2, 0.5)
                        made = Estimate(value, 0.1, "nats", warning="few samples" * (luck > 0.9))
                        if luck < 0.02:
                            made = Estimate.failed(f"RuntimeError: lost after {int(1e3 * luck)} s")
                        yield Record.of(place, measure, made, truth=1 + i / 20, seconds=luck)


def spent(who):
    """Returns the process seconds and the peak of memory in MB of this process or its children."""
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def report_of(kind, records):
    """Writes the report of made-up records, and says what that cost."""
    measures = len(make_suite(kind, 4).rows_of("measures"))
    suite = make_suite(kind, records // measures // SEEDS)
    with tempfile.TemporaryDirectory() as folder:
        write(make_records(suite), Path(folder, "records.csv"))
        before, began = spent(resource.RUSAGE_SELF)[0], time.perf_counter()
        report(suite, Path(folder))
        wall, (seconds, peak) = time.perf_counter() - began, spent(resource.RUSAGE_SELF)
        size = Path(folder, "report.html").stat().st_size / 1e6
    cells = f"{len(suite.tasks)} x {len(suite.methods)}"
    print(
        f"report of {records:,} records, {cells} {kind}: {wall:.0f} s ({seconds - before:.0f} of",
        end="",
    )
    print(f" this process), peak {peak:.0f} MB, page {size:.1f} MB")


def dry_run(kind, cells):
    """Asks what would be done of a suite of that many cells; returns seconds, process s and MB."""
    about = {"title": "A very large suite", "seeds": [0]} | KINDS[kind](cells)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "large.yaml").write_text(yaml.safe_dump(about))
        command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile")]
        command += ["--dry-run", "--quiet", "all", "--config", "suite=large.yaml"]
        began, before = time.perf_counter(), spent(resource.RUSAGE_CHILDREN)[0]
        subprocess.run(command, check=True, cwd=folder, capture_output=True)  # a line a job
        wall, (seconds, peak) = time.perf_counter() - began, spent(resource.RUSAGE_CHILDREN)
    return wall, seconds - before, peak


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kind", choices=KINDS, default="estimators")
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--cells", type=int)
    given = parser.parse_args()
    if given.cells:
        wall, seconds, peak = dry_run(given.kind, given.cells)
        print(f"dry run of {given.cells:,} cells of {given.kind}: {wall:.0f} s", end="")
        print(f" ({seconds:.0f} of the process), peak {peak:.0f} MB")
    else:
        report_of(given.kind, given.records)


if __name__ == "__main__":
    main()
