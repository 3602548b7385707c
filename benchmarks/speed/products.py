"""How fast an affine map and its gradients are by oneDNN and by MKL, layer by layer.

    python benchmarks/speed/products.py [--output products.csv]

Each row is a layer of a network of the suites: process seconds of `torch.nn.Linear` over those of
`vmi.nets.affine.Affine`, both with all three gradients, in turns, the median of nine. Where MKL is
not slow (`vmi.nets.affine`) both are MKL's.
"""

import torch
from torch import nn
from turns import in_turns, tabulate

from vmi.nets.affine import Affine

__all__ = ["HEADER", "LAYERS", "measured"]

HEADER = ("network", "batch", "inputs", "outputs", "mkl_us", "ours_us", "ratio", "ours_gflops")
LAYERS = (
    ("serdega-64, encoder", 124, 6272, 512),
    ("serdega-64, decoder", 124, 512, 3136),
    ("serdega-16, encoder", 124, 1568, 128),
    ("serdega-16, decoder", 124, 128, 784),
    ("dense-200, first", 128, 784, 200),
    ("dense-200, second", 128, 200, 200),
    ("dense-400, IWAE", 1000, 400, 784),
    ("dense-128 on digits, first", 64, 64, 128),
)


def step(layer: nn.Linear, x: torch.Tensor, gradient: torch.Tensor, times: int) -> None:
    """Runs a layer forward and backward so many times."""
    for _ in range(times):
        torch.autograd.grad(layer(x), [x, *layer.parameters()], gradient)


def measured(name: str, batch: int, inputs: int, outputs: int) -> tuple:
    """Returns the row of one layer."""
    operations, x = 6 * batch * inputs * outputs, torch.randn(batch, inputs).requires_grad_()
    gradient, times = torch.randn(batch, outputs), max(3, int(2e9 / operations))
    theirs, mine = nn.Linear(inputs, outputs), Affine(inputs, outputs)
    peer, own, ratio = in_turns(
        lambda: step(theirs, x, gradient, times), lambda: step(mine, x, gradient, times), turns=9
    )
    rate = operations * times / own / 1e9
    shown = (f"{1e6 * peer / times:.0f}", f"{1e6 * own / times:.0f}", f"{ratio:.2f}", f"{rate:.0f}")
    print(f"{name}, {batch} x {inputs} x {outputs}: {shown[0]} us, ours {shown[1]}, x{shown[2]}")
    return name, batch, inputs, outputs, *shown


if __name__ == "__main__":
    tabulate(HEADER, lambda: [measured(*layer) for layer in LAYERS], __doc__)
