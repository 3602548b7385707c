"""The exact information of a code by its aggregate posterior, against the formula written out.

    python benchmarks/speed/aggregate.py [--output aggregate.csv]

Both evaluate the densities of 10,000 samples under 10,000 posteriors of 16 dimensions in float64,
some rows at a time: here by one matrix product of the square expanded, there by a normal density
for each pair and dimension.
"""

import math

import torch
from machine import matrix_rate
from torch.distributions import Independent, Normal
from turns import in_turns, main, row

from vmi.nets.codes import Codes
from vmi.nets.densities import log_aggregate, sample, standard_units
from vmi.random import generator

IMAGES, DIMENSIONS = 10_000, 16
SAMPLED, ROWS = 500, 50  # samples in a turn; rows of the matrix of densities at a time
WORK = "exact I_q(x; z), N = 10,000, D = 16"
NOTE = f"of {SAMPLED} of the samples, scaled up; memory bounded in both; values equal to 1e-9 nats"


def posteriors(images: int, dimensions: int = DIMENSIONS) -> Codes:
    """Draws codes whose posteriors overlap somewhat."""
    noise = generator(0)
    mean = torch.randn(images, dimensions, generator=noise)
    return Codes(mean, 0.05 + 0.5 * torch.rand(images, dimensions, generator=noise))


def direct(q, z: torch.Tensor) -> torch.Tensor:
    """Returns log q(z) as it is written: a normal density for each pair and dimension."""
    normal = Independent(Normal(q.gaussian.mean, q.scale), 1)
    parts = [normal.log_prob(part[:, None]).logsumexp(1) for part in z.split(ROWS)]
    return torch.cat(parts) - math.log(len(q.gaussian.mean))


def rows() -> list[dict]:
    """Measures both in turns."""
    torch.set_num_threads(1)
    q, z = sample(standard_units(posteriors(IMAGES)), generator(1))
    some, more = z[:SAMPLED], IMAGES / SAMPLED
    if not torch.allclose(direct(q, some), log_aggregate(q, some), rtol=0, atol=1e-9):
        raise AssertionError("the two disagree")
    peer, own, ratio = in_turns(lambda: direct(q, some), lambda: log_aggregate(q, some), turns=3)
    limit = 2 * 2 * DIMENSIONS * IMAGES**2 / matrix_rate(torch.float64)
    measured = more * peer, more * own, ratio
    return [row(WORK, "the formula, torch.distributions", measured, "x3", limit, NOTE)]


if __name__ == "__main__":
    main(rows, __doc__)
