"""Whether products in bfloat16 change a result, against the same seeds trained in float32.

    python benchmarks/speed/precision.py [--seeds 5] [--steps 2500] [--output precision.csv]

Models of the suite `paper-small` on a data set, each seed trained twice, and evaluated in float32
on the same images. Each row is a model and a measure: the mean in float32 with its 95% interval
over the seeds, the mean in bfloat16, whether it lies in that interval, and the paired difference.
"""

import argparse
from functools import partial
from pathlib import Path

import numpy as np
import torch

from vmi.likelihood.bounds import elbo
from vmi.metrics.accuracy import accuracy_majority
from vmi.mi.aggregate import information, information_categorical
from vmi.nets.codes import encode
from vmi.random import generator
from vmi.records import write_csv
from vmi.stages.cells import dataset_of, model_of
from vmi.statistics import interval, paired
from vmi.suites.file import load_suite
from vmi.training.loop import train

PRECISIONS = ("float32", "bfloat16")
HEADER = ("model", "measure", "seeds", "steps", "float32", "low", "high", "bfloat16", "inside")
HEADER += ("difference", "difference_low", "difference_high")


def measures(model, dataset, images):
    """Returns the measures of a trained model by name."""
    test, rest = (dataset.fixed(split, images) for split in ("evaluation", "train"))
    codes, others = encode(model, test), encode(model, rest)
    found = {
        "elbo": elbo(model, test.images, generator("elbo")),
        "information": information(codes, generator("information")),
        "information-categorical": information_categorical(codes),
        "accuracy-majority": accuracy_majority(codes, test.labels, others),
    }
    return {n: (e[0] if isinstance(e, list) else e).value for n, e in found.items()}


def values(cell, precision, seeds, steps, images):
    """Returns each measure's values over the seeds, (S,), of a cell trained with a precision."""
    dataset = dataset_of(cell)
    how = cell["training"] | {"steps": steps, "engine": "loop", "precision": precision}
    runs = train(partial(model_of, cell, dataset), dataset, range(seeds), **how)
    rows = [measures(run.model, dataset, images) for run in runs]
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def compare(name, cell, seeds, steps, images):
    """Yields the rows of one model."""
    exact, short = (values(cell, p, seeds, steps, images) for p in PRECISIONS)
    for measure in exact:
        low, high = map(float, interval(exact[measure]))
        mean, differ = short[measure].mean(), paired(short[measure], exact[measure])
        row = (name, measure, seeds, steps, exact[measure].mean(), low, high, mean)
        yield (*row, low <= mean <= high, differ.mean, *differ.interval)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dataset", default="mnist")
    parser.add_argument("--models", nargs="+", default=["vae", "vmi-0.01", "gaussian-vmi"])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=2500)
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--output", type=Path)
    given = parser.parse_args()
    torch.set_num_threads(1)
    suite, rows = load_suite("paper-small"), []
    for name in given.models:
        cell = suite.cell("mnist", name)
        if given.dataset != "mnist":
            cell["dataset"] = {"dataset": given.dataset}
        for row in compare(name, cell, given.seeds, given.steps, given.images):
            print(*(f"{x:.4g}" if isinstance(x, float) else x for x in row), sep="  ", flush=True)
            rows.append(row)
    if given.output:
        write_csv(given.output, HEADER, rows)


if __name__ == "__main__":
    main()
