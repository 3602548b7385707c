"""How much faster a gradient is with the channels of weights last in memory than first.

    python benchmarks/speed/layout.py [--output layout.csv]

Each row is a network and a model: process seconds of the gradients of all phases with the channels
first over those with them last, taken in turns in one run, the median of seven turns.
"""

import argparse
import statistics
import time
from pathlib import Path

import torch

from vmi.models import make
from vmi.records import write_csv

LATENTS = {"gaussian": 16, "categorical": [10], "informed": 2}
CASES = [
    ("dense-200", "vae"),
    ("conv-32", "vae"),
    ("serdega-16", "vae"),
    ("serdega-16", "vmi-vae"),
    ("serdega-64", "vmi-vae"),
]
LAYOUTS = {"first": torch.contiguous_format, "last": torch.channels_last}


def seconds(model, layout, x, noise, steps):
    """Returns the process seconds of a step's gradients."""
    model, began = model.to(memory_format=layout), time.process_time()
    for _ in range(steps):
        for phase in model.phases:
            loss = model(phase, x, noise, 0)["loss"]
            torch.autograd.grad(loss, list(model.parameters()), allow_unused=True)
    return (time.process_time() - began) / steps


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--output", type=Path)
    given = parser.parse_args()
    torch.set_num_threads(1)
    rows = []
    for network, name in CASES:
        model = make((1, 28, 28), {"model": name}, LATENTS, network, "squashed-gaussian")
        x, draw = torch.rand(124, 1, 28, 28), model.draw_noise
        noise = {key: draw(key, (124,), torch.Generator()) for key in model.noises}
        turns = [
            {key: seconds(model, layout, x, noise, given.steps) for key, layout in LAYOUTS.items()}
            for _ in range(8)
        ][1:]  # the first warms up
        first = statistics.median(turn["first"] for turn in turns)
        ratio = statistics.median(turn["first"] / turn["last"] for turn in turns)
        rows.append((network, name, 1e3 * first, ratio))
        print(f"{network:>10} {name:>8}: {1e3 * first:6.2f} ms, channels last x{ratio:.2f}")
    if given.output:
        write_csv(given.output, ("network", "model", "first_ms", "last_speedup"), rows)


if __name__ == "__main__":
    main()
