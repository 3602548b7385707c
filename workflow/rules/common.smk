import os
import subprocess
import sys
from functools import cache
from itertools import product
from pathlib import Path

# The package stands beside the workflow, or around it where it was installed as a wheel.
ROOT = Path(str(workflow.current_basedir)).resolve().parents[1]
PACKAGES = ROOT if (ROOT / "vmi").is_dir() else ROOT.parents[1]
sys.path.insert(0, str(PACKAGES))

from vmi.errors import UserError
from vmi.stages.cohort import Cohort, due
from vmi.stages.lock import claim, hold
from vmi.stages.provenance import (
    compared_tasks,
    of_cohort,
    of_comparison,
    of_description,
    of_report,
    of_verification,
)
from vmi.stages.where import cohorts_of, where
from vmi.suites.cohorts import parse_cohort
from vmi.suites.file import load_suite
from vmi.suites.needs import needs_of


def or_exit(function, *arguments):
    """What a function returns, or one line on stderr and exit code 2."""
    try:
        return function(*arguments)
    except UserError as error:
        print(f"vmi: error: {error}", file=sys.stderr)
        sys.exit(2)


def check_or_exit():
    """One line on stderr and exit code 2 where the suite cannot be run."""
    check = [sys.executable, "-m", "vmi", "check", "--suite", SUITE_NAME]
    if code := subprocess.run(check).returncode:
        sys.exit(code)


# The rules call `python -m vmi`, which is this interpreter's, or that of an environment that
# Snakemake deployed: activating one puts it first.
os.environ.update(
    PATH=os.pathsep.join([str(Path(sys.executable).parent), *os.get_exec_path()]),
    PYTHONPATH=os.pathsep.join(
        filter(None, [str(PACKAGES), os.environ.get("PYTHONPATH")])
    ),
)

SUITE_NAME = str(config.get("suite", "demo"))
SUITE = or_exit(load_suite, SUITE_NAME)
WHERE = where(SUITE)
DEVICE = str(config.get("device", "cpu"))
HELD = []  # a lock, until this process ends

# A name of a group of tasks and one of a method, and the cohorts of that cell.
COHORTS = {
    (task, method): cohorts_of(SUITE, task, method)
    for task in SUITE.task_groups
    for method in SUITE.methods
}


# As far as the order of a suite tells: by method, then by task.
BY_COST = {
    cell: place for place, cell in enumerate(product(SUITE.methods, SUITE.task_groups))
}


@cache
def made_from(task, method, cohort):
    """What each stage of a cohort is made from; more than one part of a rule asks."""
    return of_cohort(SUITE, task, method, parse_cohort(cohort))


def each_cohort(tasks=None):
    """What is there once each cohort of some tasks is done; of all tasks if none are named."""
    return [
        WHERE.cell(task, method, cohort).done
        for (task, method), names in COHORTS.items()
        for cohort in names
        if tasks is None or task in tasks
    ]


def scheduled():
    """Whether a scheduler runs the jobs, and not this machine; known once all rules are read."""
    return workflow.non_local_exec or not workflow.is_main_process


@cache
def needs(task, method, cohort):
    """What a cohort asks of a scheduler at its first try."""
    return needs_of(SUITE, task, method, parse_cohort(cohort), DEVICE)


def what_is_due(wildcards):
    """The stages that a job would do, for the eyes of a dry run; a change of it re-runs nothing.

    A scheduler is told nothing: in a job of several cohorts, resources that are text must agree.
    """
    if scheduled():
        return ""
    given = Cohort(
        SUITE, wildcards.task, wildcards.method, parse_cohort(wildcards.cohort)
    )
    return ": " + (", ".join(or_exit(due, given, made_from(*wildcards))) or "nothing")


wildcard_constraints:
    task="[^/]+",
    method="[^/]+",
    cohort=r"[\d+-]+",


onstart:
    # Before anything is run: what only an import of the methods or a look at the data can tell.
    if workflow.is_main_process:
        HELD.append(or_exit(hold, WHERE.root))
        or_exit(claim, WHERE.root, SUITE)
        check_or_exit()
