"""The command line: `python -m vmi STAGE`, or `vmi STAGE` where the package is installed."""

import argparse
import atexit
import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from vmi.commands.beware import printed
from vmi.errors import Stopped, UserError, machine_failure
from vmi.stages.imports import import_large
from vmi.suites.cohorts import parse_cohort
from vmi.suites.file import load_suite

__all__ = ["main"]


def _names(text: str) -> list[str]:
    """Reads names with commas between them."""
    names = [name.strip() for name in text.split(",")]
    if not all(names):
        raise argparse.ArgumentTypeError(f"a name is empty in {text!r}")
    return list(dict.fromkeys(names))


# What the command line may give to a stage, by the names of the stages' own parameters; one in
# capitals is given by its place, and a stage that can do without one says so by a question mark.
OPTIONS: dict[str, dict[str, Any]] = {
    "suite": {"required": True, "help": "a suite in benchmarks/, or the path of a YAML file"},
    "task": {"required": True, "help": "a task of the suite, or a group of them"},
    "method": {"required": True, "help": "a method of the suite: a model, an estimator"},
    "seeds": {"required": True, "help": "the cohort: 3, 0-4 or 1+3"},
    "SUITE": {"help": "a suite in benchmarks/, or the path of a YAML file"},
    "cores": {"help": "how many to use: a number, or all, which it is without it"},
    "dry-run": {"short": "-n", "action": "store_true", "help": "only show what would be done"},
    "profile": {"default": "default", "help": "of Snakemake: default, slurm, or a folder"},
    "results": {"required": True, "type": Path, "help": "the suite's results folder"},
    "output": {"required": True, "type": Path, "help": "the file or folder to write"},
    "device": {"default": "cpu", "help": "where to train: cpu, cuda, cuda:1"},
    "quiet": {"action": "store_true", "help": "show no progress"},
    "cells": {"action": "store_true", "help": "publish what `restore` takes back, too"},
    "RESULTS": {"type": Path, "help": "results/SUITE, or results/published/SUITE"},
    "FILE": {"type": Path, "help": "an npz file; the arrays it holds are named below"},
    "ROOM": {"nargs": "*", "help": "which known answers; all of them without it"},
    "KIND": {
        "nargs": "?",
        "help": "which names: metrics, estimators, ...; or one name, or my_file:my_metric",
    },
    "metrics": {"type": _names, "help": "their names with commas between, or my_file:my_metric"},
    "estimators": {"type": _names, "help": "their names with commas between, or my_file:mine"},
    "tests": {"type": _names, "help": "their names with commas between, or my_file:mine"},
    "others": {
        "type": Path,
        "nargs": "+",
        "default": (),
        "metavar": "FILE",
        "help": "codes of the same images by models of other seeds, for metrics across seeds",
    },
    "seed": {"type": int, "default": 0, "help": "of every random number; 0 without it"},
    "permutations": {
        "type": int,
        "default": 0,
        "help": "of y, for a p-value of each estimate, at the cost of so many; 0 without it",
    },
    "local": {
        "type": Path,
        "metavar": "NPZ",
        "help": "a file to write: what each pair contributes to each estimate",
    },
    "json": {"action": "store_true", "help": "print a list of records instead of a table"},
}

# What the help of a command ends with.
EXAMPLES = {
    "run": """\
What is made lies in results/SUITE of the folder that you are in. A second run does what is due: a
new metric trains nothing. Of a suite that was cut off it goes on with what is not finished.

examples:
  vmi run demo
  vmi run my/own.yaml --cores 4 --dry-run
  vmi run paper --device cuda -- --keep-incomplete

What follows -- are further arguments of Snakemake.""",
    "score": """\
FILE holds at least one of the first two, and any of the others:
  codes                N x D floats (or the means of Gaussian posteriors)
  codes_categorical    N x K probabilities; several as codes_categorical_0, codes_categorical_1 ...
  codes_scale          N x D standard deviations of the posteriors
  factors              N x F or N: integers are classes, floats are continuous
  factor_names         F names
  discrete             F truth values: which factors are classes, where others are floats
  labels               N integers, which stand in for the factors where a metric wants one label,
                       and are the one factor where there are no others

example:
  vmi score codes.npz --metrics mig,dci,information-categorical --json

Without --metrics, all that applies to FILE is computed, but for dci-boosted and network, which
take long and have to be named; dci-histogram ranks codes as the first. `vmi list metrics` shows
every name.""",
    "mi": """\
FILE holds:
  x, y                 N or N x D each: integers are discrete, floats continuous
  z                    N or N x D, where the information of x and y is to be given z

examples:
  vmi mi pairs.npz --estimators ksg-3,infonce --json
  vmi mi pairs.npz --estimators ksg-3,cca --permutations 200 --local terms.npz

Without --estimators, all that applies to FILE is computed. `vmi list estimators` shows every name.
""",
    "independence": """\
FILE holds:
  x, y                 N or N x D each: integers are discrete, floats continuous
  z                    N or N x D, where x and y are to be independent given z

example:
  vmi independence pairs.npz --tests cmi-knn,fisher-z --json

Without --tests, all that apply to FILE are made. `vmi list tests` shows every name.
""",
}

# A stage is a function; the modules that import torch are imported when one of theirs is called.
STAGES: dict[str, tuple[str, str, Sequence[str]]] = {
    "run": (
        "vmi.commands.run:run",
        "Run a suite, from its data to its page.",
        ("SUITE", "cores", "dry-run", "device", "profile"),
    ),
    "plan": (
        "vmi.commands.plan:plan",
        "Show what a suite would ask of a cluster.",
        ("SUITE", "device"),
    ),
    "check": ("vmi.stages.check:check", "Check a suite before anything is run.", ("suite",)),
    "describe": (
        "vmi.stages.describe:describe",
        "Find, fetch and verify a data set, and describe it.",
        ("suite", "task"),
    ),
    "cohort": (
        "vmi.stages.cohort:cohort",
        "Do with a cohort of seeds what is due: train, encode, measure, make pictures.",
        ("suite", "task", "method", "seeds", "device", "quiet"),
    ),
    "compare": (
        "vmi.stages.cohort:comparison",
        "Measure how the seeds of each method agree on a task.",
        ("suite", "task"),
    ),
    "gather": ("vmi.stages.gather:gather", "Join the rows of all cells.", ("suite",)),
    "report": ("vmi.report:report", "Write tables, figures and the page.", ("suite",)),
    "publish": (
        "vmi.stages.publish:publish",
        "Copy what is committed of a suite's results to results/published.",
        ("suite", "cells"),
    ),
    "restore": (
        "vmi.stages.publish:restore",
        "Take back the published cells that would be made again as they are.",
        ("suite",),
    ),
    "audit": (
        "vmi.stages.audit:audit",
        "Check whether results are as they were made, and what is out of date.",
        ("RESULTS", "suite?"),
    ),
    "headline": ("vmi.report:print_headline", "Print the headline table.", ("results",)),
    "score": (
        "vmi.commands.score:score",
        "Measure codes of your own.",
        ("FILE", "metrics", "others", "seed", "json"),
    ),
    "mi": (
        "vmi.commands.mi:mi",
        "Estimate the mutual information of two arrays of your own.",
        ("FILE", "estimators", "seed", "permutations", "local", "json"),
    ),
    "independence": (
        "vmi.commands.independence:independence",
        "Test whether two arrays of your own are independent, given a third.",
        ("FILE", "tests", "seed", "json"),
    ),
    "verify": (
        "vmi.commands.verify:verify",
        "Hold every instrument against its known answers.",
        ("ROOM", "output?", "json"),
    ),
    "ladder": (
        "vmi.commands.verify:write_ladder",
        "Write the records of the closed-form ladder.",
        ("output",),
    ),
    "list": (
        "vmi.commands.catalogue:show",
        "Show what is registered, or one name.",
        ("KIND", "json"),
    ),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one stage; returns the exit code.

    It is 0, or 2 for an error that the user can mend (a full disk is one), 75 where it was asked to
    end and goes on when run again, 130 where the user interrupts it, or what the stage itself
    returns.
    """
    given = _given(list(sys.argv[1:] if arguments is None else arguments))
    module, _, function = STAGES[given.pop("stage")][0].partition(":")
    try:
        with printed():
            if given.get("suite"):
                given["suite"] = load_suite(given["suite"])
            if "seeds" in given:
                given["seeds"] = parse_cohort(given["seeds"])
            return getattr(import_large(module), function)(**given) or 0
    except UserError as error:
        print(f"vmi: error: {error}", file=sys.stderr)
        return 2
    except Stopped as why:
        print(f"vmi: stopped: {why}", file=sys.stderr)
        return 75
    except KeyboardInterrupt:
        print("vmi: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader, `head` for one, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if why := machine_failure(error):
            print(f"vmi: error: {why}", file=sys.stderr)
            return 2
        raise


def _given(arguments: list[str]) -> dict[str, Any]:
    """What the command line says, by the names of the stage's parameters."""
    if arguments[:1] == ["run"] and "--" in arguments:
        end = arguments.index("--")
        return vars(_parser().parse_args(arguments[:end])) | {"more": arguments[end + 1 :]}
    return vars(_parser().parse_args(arguments))


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Says what is wrong in one line."""
        self.exit(2, f"{self.prog}: error: {message}; see {self.prog} --help\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser("vmi", description="How much does a latent code know about the data?")
    stages = parser.add_subparsers(required=True, metavar="STAGE", dest="stage")
    for name, (_, summary, options) in STAGES.items():
        stage = stages.add_parser(
            name,
            help=summary,
            description=summary,
            epilog=EXAMPLES.get(name),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        for option in options:
            _add(stage, option)
    return parser


def _add(stage: argparse.ArgumentParser, option: str) -> None:
    name = option.removesuffix("?")
    about = dict(OPTIONS[name])
    if name.isupper():
        stage.add_argument(name.lower(), metavar=name, **about)
        return
    if name != option:
        del about["required"]
    short = [about.pop("short")] if "short" in about else []
    stage.add_argument(*short, f"--{name}", **about)


def _end_at_once() -> None:
    """Spares Python the search for cycles in what ends anyway, which takes torch half a second.

    Triton, which compiled models load, counts what was not searched and prints it as leaks.
    """
    if "triton" not in sys.modules:
        gc.freeze()


if __name__ == "__main__":
    atexit.register(_end_at_once)
    sys.exit(main())
