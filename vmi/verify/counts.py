"""Known answers of the metrics that count: the gaps, modularity, IRS and InfoMEC."""

import math
from functools import cache

import numpy as np
import torch

from vmi.metrics import gaps, infomec, irs, modularity
from vmi.nets.codes import Codes
from vmi.random import generator
from vmi.verify import ceilings, mig
from vmi.verify.case import Case
from vmi.verify.grids import DSPRITES, GRID_CEILING, LIBRARY, draw, grid, own, scored
from vmi.verify.worlds import one_hot_codes

__all__ = ["cases", "channel"]

PARTS = ("modularity", "explicitness", "compactness")  # of InfoMEC


def cases() -> list[Case]:
    """Returns the known answers of the metrics that count."""
    own = [*_gaps(), *_modularity(), *_irs(), *_infomec()]
    return [*mig.cases(), *ceilings.cases(), *own]


def _gaps() -> list[Case]:
    f, d = grid(4, 5, 6), grid(*DSPRITES)
    twice, none = np.tile(f, 2), np.zeros((120, 2))
    square = grid(4, 4)
    joint = square @ [[1], [4]]
    half = np.stack([square[:, 0], square[:, 1] // 2], 1)
    entropy, most = np.log([4, 5, 6]), np.log([4, 5, 6]) + math.log(20)
    lost = math.log(2) * np.array([0, 0, 1, 0.75, 0.75])
    floor = float(np.mean(1 - lost / (np.log(DSPRITES) + math.log(20))))
    return [
        scored("mig-sup", "the factors themselves", 1, own(gaps.mig_sup, f)),
        scored("mig-sup", "all of dSprites", GRID_CEILING, own(gaps.mig_sup, d)),
        scored("mig-sup", "all twice", 1, lambda: gaps.mig_sup(twice, f)),
        scored("mig-sup", "both factors in one", 0, lambda: gaps.mig_sup(joint, square)),
        scored("mig-sup", "half of a factor", 0.75, lambda: gaps.mig_sup(half, square)),
        scored("jemmig", "the factors themselves", 1, own(gaps.jemmig, f)),
        scored("jemmig", "the factors themselves", 0, own(gaps.jemmig, f), part="raw"),
        scored("jemmig", "all of dSprites", floor, own(gaps.jemmig, d)),
        scored(
            "jemmig",
            "a constant code",
            float(np.mean(math.log(20) / most)),
            lambda: gaps.jemmig(none, f),
        ),
        scored("jemmig", "all twice", entropy.mean(), lambda: gaps.jemmig(twice, f), part="raw"),
        scored("dcimig", "the factors themselves", 1, own(gaps.dcimig, f)),
        scored("dcimig", "all twice", 1, lambda: gaps.dcimig(twice, f)),
        scored("dcimig", "both factors in one", 0, lambda: gaps.dcimig(joint, square)),
        scored("dcimig", "half of a factor", 0.75, lambda: gaps.dcimig(half, square)),
    ]


def _modularity() -> list[Case]:
    f, square, unequal = grid(4, 5, 6), grid(4, 4), grid(2, 4)
    bits = grid(2, 2)
    xor = bits.sum(1)[:, None] % 2
    joint, mixed = square @ [[1], [4]], unequal @ [[1], [2]]
    silent = np.concatenate([f, 0 * f[:, :1]], 1)
    score = modularity.modularity
    return [
        scored("modularity", "the factors themselves", 1, own(score, f), source=LIBRARY),
        scored("modularity", "all twice", 1, lambda: score(np.tile(f, 2), f), source=LIBRARY),
        scored("modularity", "both factors in one", 0, lambda: score(joint, square)),
        scored("modularity", "ln 2 of one, ln 4 of another", 0.75, lambda: score(mixed, unequal)),
        scored("modularity", "the XOR of two bits", 0, lambda: score(xor, bits)),
        scored("modularity", "one silent dimension of 4", 0.75, lambda: score(silent, f)),
        scored(
            "modularity", "one silent dimension", 1, lambda: score(silent, f), part="informative"
        ),
    ]


def _irs() -> list[Case]:
    f, bits = draw(3000, *[10] * 5), grid(2, 2)
    noise = np.random.default_rng(0).normal(size=(10_000, 5))
    far, some = noise.copy(), draw(10_000, *DSPRITES)
    far[0] = 25
    quantile = 2.5758293035489  # .995 of a standard normal
    return [
        scored("irs", "the factors themselves", 1, own(irs.irs, f), source=LIBRARY),
        scored("irs", "a constant code", 0, lambda: irs.irs(0.0 * f, f), source=LIBRARY),
        scored("irs", "the sum of two bits", 0.5, lambda: irs.irs(bits.sum(1), bits, quantile=1)),
        scored("irs", "noise", 0, lambda: irs.irs(noise, some), 0.02, part="matched"),
        scored("irs", "noise, an outlier", 1 - quantile / 25, lambda: irs.irs(far, some), 0.01),
    ]


def channel(flip: int, n: int = 4000) -> tuple[Codes, np.ndarray]:
    """Two bits, each told by a bit that is flipped for `flip` of each 10 images; codes, factors."""
    cells = np.tile(grid(2, 2, 10, 10), (n // 400, 1))
    seen = cells[:, :2] ^ (cells[:, 2:] < flip)
    return one_hot_codes(*torch.from_numpy(seen).T, sizes=[2, 2]), cells[:, :2]


def _infomec() -> list[Case]:
    f = draw(3000, 3, 4, 5)
    blocks = one_hot_codes(*torch.from_numpy(grid(3, 4, 5)).T, sizes=[3, 4, 5])
    flip = 1
    p = flip / 10
    told = 1 + (p * math.log(p) + (1 - p) * math.log(1 - p)) / math.log(2)

    def score(codes, factors):
        return cache(lambda: infomec.infomec(codes, factors, generator(0)))  # once for all parts

    certain, themselves = score(blocks, grid(3, 4, 5)), score(f * 1.0, f)
    made = []
    for part in PARTS:
        made += [
            scored("infomec", "perfect categories", 1, certain, 1e-3, part=part),
            scored("infomec", "the factors themselves", 1, themselves, 0.02, part=part),
        ]
    twice, noisy = score(np.tile(f, 2), f), score(*channel(flip))
    constant = score(0.0 * f, f)
    return [
        *made,
        scored("infomec", "all twice", 0.4, twice, 0.01, part="compactness"),
        scored("infomec", "a channel of 2 bits", told, noisy, 1e-4, part="explicitness"),
        scored("infomec", "a channel of 2 bits", 1, noisy, part="modularity"),
        *(scored("infomec", "a constant code", 0, constant, part=part) for part in ("", *PARTS)),
    ]
