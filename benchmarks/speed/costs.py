"""What a training step of each network costs here, from which a plan of a suite is made.

    python benchmarks/speed/costs.py [--output costs.csv]

Process seconds of a step of one seed in the loop, on one thread, in float32, of images of 28 x 28:
the median of five turns.
"""

import statistics

import torch
from steps import ours
from turns import seconds, tabulate

from vmi.training.memory import keep_freed_memory

__all__ = ["HEADER", "NETWORKS", "measured"]

HEADER = ("network", "model", "side", "batch", "parameters", "steps_a_second", "seconds_an_image")
NETWORKS = ("linear", "dense-200", "dense-400", "conv-32", "serdega-16", "serdega-64")
LATENTS = {"gaussian": 16, "categorical": [10], "informed": 2}
SIDE, BATCH, TURN = 28, 128, 0.5  # seconds of a turn


def measured(network: str, model: str) -> tuple:
    """Returns the row of a model of a network."""
    images = torch.rand(BATCH, 1, SIDE, SIDE).round()
    step, program, _ = ours(network, model, LATENTS, "bernoulli", images, "float32")
    step()
    times = max(3, int(TURN / seconds(step)))
    each = statistics.median(
        seconds(lambda: [step() for _ in range(times)]) / times for _ in range(5)
    )
    weights = sum(p.numel() for p in program.parameters.values())
    print(f"{network}, {model}: {1 / each:.3g} steps a second")
    return network, model, SIDE, BATCH, weights, f"{1 / each:.4g}", f"{each / BATCH:.3g}"


if __name__ == "__main__":
    keep_freed_memory()
    cases = [(n, model) for n in NETWORKS for model in ("vae", "vmi-vae")]
    tabulate(HEADER, lambda: [measured(*case) for case in cases], __doc__)
