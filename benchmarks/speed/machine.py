"""What the machine can do: its processor, its rate of matrix products, and that of its memory.

python benchmarks/speed/machine.py [--output machine.csv]
"""

import argparse
import os
import platform
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import torch
from turns import seconds

from vmi.nets.affine import Affine
from vmi.records import write_csv

SIDE = 2048  # of the matrices
COPIED = 2**26  # float64, which no cache holds


@cache
def product_rate(dtype: torch.dtype = torch.float32) -> float:
    """Returns the floating-point operations a second of torch's product of large matrices."""
    a = torch.ones(SIDE, SIDE, dtype=dtype)
    return _rate(lambda: a @ a)


@cache
@torch.no_grad()
def matrix_rate(dtype: torch.dtype = torch.float32) -> float:
    """Returns those of the fastest product there is here, by torch or as `vmi.nets` takes it."""
    affine = Affine(SIDE, SIDE, bias=False)
    x = torch.ones(SIDE, SIDE)
    other = _rate(lambda: affine(x)) if dtype == torch.float32 else 0.0
    return max(product_rate(dtype), other)


def _rate(product: Callable[[], object]) -> float:
    torch.set_num_threads(1)
    return 2 * SIDE**3 / min(seconds(product) for _ in range(4))


@cache
def memory_rate() -> float:
    """Returns the bytes a second of a copy that fits no cache, read and written."""
    one, other = np.ones(COPIED), np.empty(COPIED)
    return 2 * one.nbytes / min(seconds(lambda: np.copyto(other, one)) for _ in range(4))


def processor() -> str:
    """Returns what the processor calls itself."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _rates() -> list[tuple[str, float]]:
    return [
        ("matrix product, float32, torch", product_rate()),
        ("matrix product, float32, the fastest", matrix_rate()),
        ("matrix product, float64", matrix_rate(torch.float64)),
        ("matrix product, bfloat16", matrix_rate(torch.bfloat16)),
    ]


def about() -> list[tuple[str, object]]:
    """Returns what there is to know of the machine, with units."""
    return [
        ("processor", processor()),
        ("cores", os.cpu_count()),
        ("load", round(os.getloadavg()[0], 1)),
        *((f"{name} [GFLOP/s, one thread]", round(rate / 1e9, 1)) for name, rate in _rates()),
        ("memory, read and written [GB/s, one thread]", round(memory_rate() / 1e9, 1)),
        ("Python", platform.python_version()),
        ("torch", torch.__version__),
        ("NumPy", np.__version__),
    ]


def main() -> None:
    """Prints it, and writes it where `--output` says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path)
    given = parser.parse_args()
    for name, value in about():
        print(f"{name}: {value}")
    if given.output:
        write_csv(given.output, ("what", "value"), about())


if __name__ == "__main__":
    main()
