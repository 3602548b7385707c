"""How much of a suite's wall time is the compute of its jobs, and how much the machinery around it.

    python benchmarks/speed/machinery.py [--suite demo] [--cores 2] [--output machinery.csv]

Runs the suite in an empty folder as `make demo` does, with the seconds and the process seconds of
every job, and measures on the same machine what a process costs that does nothing but start up for
such a job (imports included). The compute of the jobs is their process seconds without their
start-up, over the cores; the ratio is the wall time of the run over that.
"""

import argparse
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from vmi.records import write_csv

ROOT = Path(__file__).resolve().parents[2]
# What a process of each stage has imported when its work begins.
STARTS = {
    "cohort": ["stages.fit", "stages.encode", "stages.measure", "stages.draw"],
    "compare": ["stages.compare"],
    "describe": ["stages.describe"],
    "gather": ["stages.gather"],
    "report": ["report.build"],
}
# Imports it as the command line does, and ends as that does.
START = """
import atexit, gc
from vmi.__main__ import import_large
atexit.register(gc.freeze)
for name in {}:
    import_large(f"vmi.{{name}}")
"""


def children():
    """Returns the process seconds of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def timed(command, **kwargs):
    """Returns wall and process seconds of a command."""
    began, before = time.perf_counter(), children()
    subprocess.run(command, check=True, **kwargs)
    return time.perf_counter() - began, children() - before


def environment(folder, log):
    """Makes a twin of this environment whose `python` notes what each job costs; returns it."""
    twin = folder / "env"
    (twin / "bin").mkdir(parents=True)
    (twin / "lib").symlink_to(Path(sys.prefix, "lib"))
    shutil.copy(Path(sys.prefix, "pyvenv.cfg"), twin)
    (twin / "bin/python3").symlink_to(Path(sys.executable).resolve())
    wrapper = twin / "bin/python"
    lines = ["#!/bin/sh", f'{sys.executable} "$@"', "code=$?"]
    lines += [f"times > {log}/$$", f'echo "$*" >> {log}/$$', "exit $code"]
    wrapper.write_text("\n".join(lines) + "\n")
    wrapper.chmod(0o755)
    return twin / "bin/python3"


def jobs(folder, suite, cores):
    """Runs a suite; returns its wall seconds, and the process seconds of each job by stage."""
    log = folder / "times"
    log.mkdir()
    command = [environment(folder, log), "-m", "snakemake", "--snakefile", ROOT / "Snakefile"]
    command += ["--directory", folder, "--cores", str(cores), "--quiet", "all"]
    wall, _ = timed([*map(str, command), "--config", f"suite={suite}"], cwd=folder)
    spent = {}
    for path in log.iterdir():
        _, of_children, called = path.read_text().splitlines()
        if match := re.search(r"-m vmi (\w+)", called):
            minutes = re.findall(r"(\d+)m([\d.]+)s", of_children)
            spent.setdefault(match[1], []).append(sum(60 * int(m) + float(s) for m, s in minutes))
    return wall, spent


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--suite", default="demo")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--output", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wall, spent = jobs(Path(folder), given.suite, given.cores)
    rows, compute = [], 0.0
    for stage, seconds in spent.items():
        command = [sys.executable, "-c", START.format(STARTS.get(stage, []))]
        start = min(timed(command, cwd=ROOT)[1] for _ in range(3))
        worked = sum(seconds) - start * len(seconds)
        compute += worked
        rows.append(
            (stage, len(seconds), round(sum(seconds), 1), round(start, 2), round(worked, 1))
        )
        print("{}: {} jobs, {} process s, start-up {} s each, work {} s".format(*rows[-1]))
    ideal = compute / given.cores
    print(f"wall {wall:.1f} s, compute on {given.cores} cores {ideal:.1f} s: {wall / ideal:.2f}")
    if given.output:
        rows.append(("all", sum(row[1] for row in rows), round(wall, 1), "", round(ideal, 1)))
        write_csv(given.output, ("stage", "jobs", "seconds", "start", "work"), rows)


if __name__ == "__main__":
    main()
