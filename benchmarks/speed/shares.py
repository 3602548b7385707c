"""Where the time of a training step or a bound goes, by kind of operation, beside its products.

    python benchmarks/speed/shares.py [--output shares.csv]

A share is of what torch's profiler finds, which makes small operations look larger than they are;
the milliseconds are that share of the process time of a step without it. "rest" is the operations
of losses and codes and what autograd takes between operations; `at_machine_rate` is the share of a
step that its products would take at the machine's rate, below which no step can be. `iwae-1000` is
the bound of an image as in likelihood.py.
"""

import statistics
from collections import Counter
from collections.abc import Callable
from functools import partial

import torch
from likelihood import IMAGES, SAMPLES, bound
from machine import matrix_rate
from steps import JOINT, many, ours
from torch.profiler import ProfilerActivity, profile
from turns import seconds, tabulate

from vmi.training.memory import keep_freed_memory

__all__ = ["CASES", "HEADER", "kind_of", "measured", "of_bound", "of_step"]

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
    "likelihood": ("log_sigmoid", "cross_entropy"),
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


def of_step(network: str, model: str, latents: dict, likelihood: str) -> list[tuple]:
    """Returns the rows of a training step of a network and a model."""
    images = torch.rand(BATCH, 1, 28, 28).round()
    step, _, operations = ours(network, model, latents, likelihood, images, "float32")
    return measured(network, model, many(step, STEPS), STEPS, operations)


def of_bound() -> list[tuple]:
    """Returns the rows of the bound of an image."""
    work, operations = bound()
    return measured("dense-400", f"iwae-{SAMPLES}", many(work, 5), 5 * IMAGES, operations)


def measured(
    network: str, model: str, work: Callable[[], None], times: int, operations: float
) -> list[tuple]:
    """Returns a row a kind of operation of a piece of work, the longest first.

    Args:
        network: What it is called.
        model: Of the network.
        work: Does it some times.
        times: How many.
        operations: The floating-point operations of its products, once.
    """
    work()
    total = statistics.median(seconds(work) / times for _ in range(5))
    with profile(activities=[ProfilerActivity.CPU]) as found:
        work()
    spent, events = Counter(), found.key_averages()
    whole = sum(event.self_cpu_time_total for event in events)
    for event in events:
        spent[kind_of(event.key)] += event.self_cpu_time_total / whole
    least = f"{operations / matrix_rate() / total:.3f}"
    rows = [
        (network, model, kind, f"{1e3 * share * total:.3g}", f"{share:.3f}", least)
        for kind, share in spent.most_common()
    ]
    print(f"{network}, {model}: " + ", ".join(f"{row[2]} {float(row[4]):.0%}" for row in rows))
    return rows


if __name__ == "__main__":
    keep_freed_memory()
    parts = [*(partial(of_step, *case) for case in CASES), of_bound]
    tabulate(HEADER, lambda: [row for part in parts for row in part()], __doc__)
