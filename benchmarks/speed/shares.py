"""Where the time of a training step goes, by kind of operation, and how fast its products are.

    python benchmarks/speed/shares.py [--output shares.csv]

Seconds are those that torch's profiler finds in the operations themselves; "rest" is the small
operations of losses and codes, and what Python takes between operations. A share below that of the
products at the machine's rate could not be, whatever else is made faster.
"""

import argparse
import time
from collections import Counter
from pathlib import Path

import torch
from machine import matrix_rate
from steps import JOINT, many, ours
from torch.profiler import ProfilerActivity, profile

from vmi.records import write_csv
from vmi.training.memory import keep_freed_memory

__all__ = ["CASES", "HEADER", "kind_of", "measured"]

HEADER = ("network", "model", "kind", "ms", "share", "at_machine_rate")
CASES = (
    ("serdega-64", "vmi-vae", JOINT, "squashed-gaussian"),
    ("serdega-64", "vae", JOINT, "squashed-gaussian"),
    ("serdega-16", "vmi-vae", JOINT, "squashed-gaussian"),
    ("serdega-16", "vae", JOINT, "squashed-gaussian"),
    ("dense-200", "vae", {"gaussian": 20}, "bernoulli"),
)
KINDS = {
    "convolutions": ("convolution",),
    "products": ("linear_pointwise", "::mm", "addmm", "bmm"),
    "batch norm": ("batch_norm",),
    "activations": ("leaky_relu", "tanh", "sigmoid", "softplus"),
    "Adam": ("adam",),
    "copies": ("copy_", "pixel_", "constant_pad", "::cat"),
}
BATCH, STEPS = 124, 20


def kind_of(operation: str) -> str:
    """Returns the kind of an operation.

    Example:
        >>> kind_of("aten::native_batch_norm_backward"), kind_of("aten::exp")
        ('batch norm', 'rest')
    """
    return next((k for k, words in KINDS.items() if any(w in operation for w in words)), "rest")


def measured(network: str, model: str, latents: dict, likelihood: str) -> list[tuple]:
    """Returns a row a kind of operation of one step, the longest first."""
    images = torch.rand(BATCH, 1, 28, 28).round()
    step, _, operations = ours(network, model, latents, likelihood, images, "float32")
    many(step, 3)()
    spent, began = Counter(), time.perf_counter()
    with profile(activities=[ProfilerActivity.CPU]) as found:
        many(step, STEPS)()
    total = (time.perf_counter() - began) / STEPS
    for event in found.key_averages():
        spent[kind_of(event.key)] += event.self_cpu_time_total / 1e6 / STEPS
    spent["rest"] += total - sum(spent.values())
    least = operations / matrix_rate() / total
    rows = [
        (network, model, kind, f"{1e3 * s:.3g}", f"{s / total:.3f}", f"{least:.3f}")
        for kind, s in spent.most_common()
    ]
    print(f"{network}, {model}: " + ", ".join(f"{row[2]} {float(row[4]):.0%}" for row in rows))
    return rows


def main() -> None:
    """Measures every step, and writes the rows where `--output` says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path)
    given = parser.parse_args()
    torch.set_num_threads(1)
    keep_freed_memory()
    rows = [row for case in CASES for row in measured(*case)]
    if given.output:
        write_csv(given.output, HEADER, rows)


if __name__ == "__main__":
    main()
