"""Information by nearest neighbours against the `bmi` benchmark's estimator.

    python benchmarks/speed/neighbours.py [--output neighbours.csv]

Both are the first estimator of Kraskov and others with three neighbours, of 10,000 normal pairs
that are correlated in one dimension; `bmi` has the Euclidean norm within x and y. Theirs is the
number alone; ours is called as a user does, and searches parts of the pairs again for its standard
error and warnings.

NPEET (https://github.com/gregversteeg/NPEET) is in no package index, and has no row: in several
columns it takes .45 to .7 of the time of ours, and gives the number alone too.
"""

import statistics

import numpy as np
from turns import in_turns, main, refused, row, seconds, within

from vmi.mi.local import squares
from vmi.mi.neighbours import continuous, ksg

# Later versions of jax no longer have what its other packages, as old as it is, ask for.
PACKAGES = ("benchmark-mi==0.1.3", "jax==0.4.30", "jaxlib==0.4.30")
PAIRS, NEIGHBOURS = 10_000, 3
CASES = ((1, "max", "x80"), (25, "max", "x3"), (25, "euclidean", "x3"))  # columns, norm, asked
PEER = "bmi, KSGEnsembleFirstEstimator"


def pairs(n: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Draws x and y, (n, columns), whose first columns have a correlation of .8."""
    x, y = np.random.default_rng(0).normal(size=(2, n, columns))
    y[:, 0] = 0.8 * x[:, 0] + 0.6 * y[:, 0]
    return x, y


def measure(columns: int, norm: str, asked: str) -> dict:
    """Measures one case in turns."""
    from bmi.estimators.ksg import KSGEnsembleFirstEstimator

    x, y = pairs(PAIRS, columns)
    peer, own, ratio = in_turns(
        lambda: KSGEnsembleFirstEstimator(neighborhoods=(NEIGHBOURS,)).estimate(x, y),
        lambda: ksg(x, y, k=NEIGHBOURS, norm=norm),
        turns=5,
    )
    _, spaces = continuous(x, y, NEIGHBOURS, norm, "normal")
    alone = statistics.median(seconds(lambda: squares(spaces, NEIGHBOURS, norm)) for _ in range(5))
    note = f"of ours the number alone takes {alone:.2g} s, the rest its standard error and warnings"
    return row(name(columns, norm), PEER, (peer, own, ratio), asked, note=note)


def name(columns: int, norm: str) -> str:
    """Returns what is done, in words."""
    within_each = f", {norm} norm" if columns > 1 else ""
    return f"KSG, N = {PAIRS:,}, {columns} + {columns}{within_each}"


def rows() -> list[dict]:
    """Measures both in turns, in the environment of the peer."""
    try:
        within("bmi", PACKAGES, imports="bmi")
    except RuntimeError as error:
        return [r for *c, asked in CASES for r in refused(name(*c), PEER, asked, str(error))]
    return [measure(*case) for case in CASES]


if __name__ == "__main__":
    main(rows, __doc__)
