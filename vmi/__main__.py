"""The command line: `python -m vmi STAGE`, or `vmi STAGE` where the package is installed."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from vmi.cohorts import parse_cohort
from vmi.errors import UserError
from vmi.suite import FAMILIES, load_suite

__all__ = ["main"]

# What the command line may give to a stage, by the names of the stages' own parameters.
OPTIONS: dict[str, dict[str, Any]] = {
    "suite": {"required": True, "help": "a suite in benchmarks/, or the path of a YAML file"},
    "dataset": {"required": True, "help": "a data set of the suite"},
    "model": {"required": True, "help": "a model of the suite"},
    "seeds": {"required": True, "help": "the cohort: 3, 0-4 or 1+3"},
    "checkpoints": {"required": True, "type": Path, "help": "the folder that training wrote"},
    "trained": {
        "required": True,
        "type": Path,
        "nargs": "+",
        "help": "folders DATASET/MODEL/COHORT that training wrote",
    },
    "codes": {"required": True, "type": Path, "help": "the folder that encoding wrote"},
    "family": {"required": True, "choices": list(FAMILIES), "help": "which metrics"},
    "group": {"required": True, "help": "a group of the suite's tasks"},
    "estimator": {"required": True, "help": "an estimator of the suite"},
    "results": {"required": True, "type": Path, "help": "the suite's results folder"},
    "inputs": {"required": True, "type": Path, "nargs": "+", "help": "CSV files"},
    "output": {"required": True, "type": Path, "help": "the file or folder to write"},
    "device": {"default": "cpu", "help": "where to train: cpu, cuda, cuda:1"},
    "quiet": {"action": "store_true", "help": "show no progress"},
}

CELL = ("suite", "dataset", "model")

# A stage is a function; the modules that import torch are imported when one of theirs is called.
STAGES: dict[str, tuple[str, str, Sequence[str]]] = {
    "check": ("vmi.stages:check", "Check a suite before anything trains.", ("suite",)),
    "data": (
        "vmi.stages:describe",
        "Find, fetch and verify a data set, and describe it.",
        ("suite", "dataset", "output"),
    ),
    "train": (
        "vmi.stages:train_cohort",
        "Train a cohort of seeds.",
        (*CELL, "seeds", "output", "device", "quiet"),
    ),
    "encode": (
        "vmi.stages:encode_codes",
        "Encode the images by each model of a cohort.",
        (*CELL, "seeds", "checkpoints", "output"),
    ),
    "evaluate": (
        "vmi.stages:evaluate",
        "Measure a family of metrics.",
        (*CELL, "seeds", "checkpoints", "codes", "family", "output", "quiet"),
    ),
    "estimate": (
        "vmi.estimation:estimate",
        "Estimate the known information of a group of tasks.",
        ("suite", "group", "estimator", "output", "quiet"),
    ),
    "pictures": (
        "vmi.stages:pictures",
        "Draw reconstructions, samples and traversals of the first seed.",
        ("suite", "trained", "output"),
    ),
    "gather": ("vmi.records:join", "Join CSV files into one.", ("inputs", "output", "seeds")),
    "report": (
        "vmi.report:report",
        "Write tables, figures and the page.",
        ("results", "suite"),
    ),
    "headline": ("vmi.report:print_headline", "Print the headline table.", ("results",)),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one stage; returns the exit code: 0, or 2 for an error that the user can mend."""
    given = vars(_parser().parse_args(arguments))
    module, _, function = STAGES[given.pop("stage")][0].partition(":")
    try:
        if "suite" in given:
            given["suite"] = load_suite(given["suite"])
        if "seeds" in given:
            given["seeds"] = parse_cohort(given["seeds"])
        getattr(import_module(module), function)(**given)
    except UserError as error:
        print(f"vmi: error: {error}", file=sys.stderr)
        return 2
    return 0


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Says what is wrong in one line."""
        self.exit(2, f"{self.prog}: error: {message}; see {self.prog} --help\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser("vmi", description="How much does a latent code know about the data?")
    stages = parser.add_subparsers(required=True, metavar="STAGE", dest="stage")
    for name, (_, summary, options) in STAGES.items():
        stage = stages.add_parser(name, help=summary, description=summary)
        for option in options:
            stage.add_argument(f"--{option}", **OPTIONS[option])
    return parser


if __name__ == "__main__":
    sys.exit(main())
