"""Metrics of as many codes as dSprites has images: the family that counts, boosted DCI, all of it.

    python benchmarks/speed/metrics.py [--output metrics.csv]

The peers are scikit-learn's mutual information of each dimension and each factor, from codes that
are cut already, and its gradient boosting, as disentanglement_lib calls both.
"""

import warnings

import numpy as np
import torch
from machine import memory_rate
from sklearn.metrics import mutual_info_score
from turns import in_turns, main, row, seconds

import vmi
from vmi.metrics import METRICS
from vmi.metrics.bins import binned
from vmi.metrics.dci import dci_boosted, dci_histogram
from vmi.nets.codes import Codes
from vmi.random import generator

SIZES = (3, 6, 40, 32, 32)  # the values of the factors of dSprites, all 737,280 of whose images
FAMILY = ["mig", "mig-quantile", "mig-binned-factors", "mig-binned-factors-quantile"]
FAMILY += ["mig-code-entropy", "mig-code-entropy-quantile", "mig-sup", "mig-sup-code-entropy"]
FAMILY += ["jemmig", "dcimig", "modularity"]


def world(images: int | None = None, dimensions: int = 10) -> tuple[np.ndarray, np.ndarray]:
    """Returns codes (N, D) that mix the factors of dSprites with noise, and the factors (N, 5).

    Args:
        images: N, of all in random order; all of them in their own without.
        dimensions: D.
    """
    stream = np.random.default_rng(0)
    factors = np.indices(SIZES).reshape(len(SIZES), -1).T
    if images is not None:
        factors = factors[stream.permutation(len(factors))[:images]]
    mixing = np.eye(len(SIZES), dimensions) + 0.5 * stream.normal(size=(len(SIZES), dimensions))
    standard = (factors - factors.mean(0)) / factors.std(0)
    return standard @ mixing + 0.5 * stream.normal(size=(len(factors), dimensions)), factors


def family(codes: np.ndarray, factors: np.ndarray) -> None:
    """Scores codes by every metric that counts, as one job."""
    mean, known = torch.from_numpy(codes), torch.from_numpy(factors)
    stored = Codes(mean, torch.zeros_like(mean), factors=known)
    for name in FAMILY:
        metric, settings = METRICS.load(name)
        metric(stored, stored.factors, **settings)


def counting() -> dict:
    """The family against one matrix of mutual information."""
    codes, factors = world()
    bins = [binned(column, 20) for column in codes.T]
    peer, own, ratio = in_turns(
        lambda: [[mutual_info_score(v, z) for v in factors.T] for z in bins],
        lambda: family(codes, factors),
        turns=3,
    )
    work = f"all {len(FAMILY)} metrics that count, 737,280 x 10 codes, 5 factors"
    limit = (codes.nbytes + factors.nbytes) / memory_rate()
    note = "the peer: one of the four tables, from bins; the limit: what is given, read once"
    return row(work, "scikit-learn", (peer, own, ratio), "1 s", limit, note)


def boosting() -> dict:
    """The published DCI against that on histograms, of two of the factors: 9 of 113 values."""
    codes, factors = world(15_000)
    some = factors[:, :2]
    peer, own, ratio = in_turns(
        lambda: dci_boosted(codes, some, generator(0)),
        lambda: dci_histogram(codes, some, generator(0)),
        turns=1,
    )
    note = "of two of the factors, 9 of 113 trees a round; other numbers, the same ranking of codes"
    work = "DCI boosted, 15,000 x 10 codes, factors of 3 and 6 values"
    return row(work, "scikit-learn, GradientBoosting", (peer, own, ratio), "x10", None, note)


def everything() -> dict:
    """All that `vmi score` computes unasked."""
    codes, factors = world()
    own = seconds(lambda: vmi.score(codes, factors))
    note = "all that applies, none sub-sampled that was not before; half of it fits classifiers"
    work = "vmi score, 737,280 x 10 codes, 5 factors, everything"
    return row(work, "", (None, own, None), "45 s", None, note)


def rows() -> list[dict]:
    """Measures each peer and ours in turns."""
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")  # of constant columns and the like, which are not at stake
    return [counting(), boosting(), everything()]


if __name__ == "__main__":
    main(rows, __doc__)
