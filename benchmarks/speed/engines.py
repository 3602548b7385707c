"""How much faster one vectorised program trains a cohort than one seed after the other.

    python benchmarks/speed/engines.py [--device cuda] [--seeds 5] [--output engines.csv]

Each row is a network and an image size: process seconds of the loop over those of vmap, taken in
turns in one run, the median of three turns. `vmi.training.engines.choose_engine` is this table as a
rule.
"""

import argparse
import statistics
import time
from pathlib import Path

import torch

from vmi.data.dataset import from_arrays
from vmi.models import make
from vmi.records import write_csv
from vmi.training.loop import train

LATENTS = {"gaussian": 8, "categorical": [10], "informed": 2}
CASES = [
    ("dense-128", 8),
    ("dense-128", 16),
    ("dense-200", 28),
    ("dense-400", 28),
    ("conv-16", 8),
    ("conv-16", 16),
    ("conv-32", 28),
    ("serdega-8", 8),
    ("serdega-16", 28),
]


def measure(network, side, model, seeds, steps, device):
    """Returns the process (on a GPU: wall) seconds of a step of one seed, by engine."""
    images = torch.rand(256, 1, side, side, generator=torch.Generator().manual_seed(0)).round()
    dataset, seconds = from_arrays("noise", images), {}
    clock = time.process_time if device == "cpu" else time.perf_counter
    for engine in ("loop", "vmap"):
        began = clock()
        runs = train(
            lambda: make(dataset.shape, {"model": model}, LATENTS, network, "bernoulli"),
            dataset,
            range(seeds),
            steps=steps,
            batch_size=64,
            engine=engine,
            device=device,
        )
        list(runs)
        seconds[engine] = (clock() - began) / steps / seeds
    return seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--output", type=Path)
    given = parser.parse_args()
    torch.set_num_threads(1)
    rows = []
    for network, side in CASES:
        for model in ("vae", "vmi-vae"):
            turns = [
                measure(network, side, model, given.seeds, given.steps, given.device)
                for _ in range(4)
            ][1:]  # the first warms up
            loop = statistics.median(turn["loop"] for turn in turns)
            ratio = statistics.median(turn["loop"] / turn["vmap"] for turn in turns)
            rows.append((given.device, network, side, model, given.seeds, 1e3 * loop, ratio))
            case = f"{network:>10} {side:3d} px {model:>8}"
            print(f"{case}: loop {1e3 * loop:6.2f} ms a seed and step, vmap x{ratio:.2f}")
    if given.output:
        header = ("device", "network", "side", "model", "seeds", "loop_ms", "vmap_speedup")
        write_csv(given.output, header, rows)


if __name__ == "__main__":
    main()
