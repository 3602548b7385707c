"""Known answers of the statistics over seeds: Student's t, Wilson's shares, Holm's steps."""

import math
from functools import partial

import numpy as np

from vmi.statistics import Share, holm, interval, paired, wilson
from vmi.verify.case import Case

__all__ = ["cases"]

Z2 = 1.959963984540054**2
T_975 = {2: 12.70620, 3: 4.30265, 5: 2.77645, 10: 2.26216, 30: 2.04523}  # by n, of n - 1 degrees
TABLE = "a table of Student's t, https://www.itl.nist.gov/div898/handbook/eda/section3/eda3672.htm"
SLEEP = (
    "Student 1908, as R's t.test says of its data set `sleep`, https://doi.org/10.1093/biomet/6.1.1"
)
FORM = "the closed form, https://doi.org/10.1080/01621459.1927.10502953"
# Hours of sleep that ten patients gained by either of two drugs.
GAINED = (
    (1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4),
    (0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0),
)
HOLM = {"of four": ((0.01, 0.02, 0.03, 0.04), 0.06), "that passes 1": ((0.6, 0.7, 0.8, 0.9), 1.0)}


def cases() -> list[Case]:
    """Returns the known answers of the statistics over seeds."""
    return [
        *(
            Case("interval", f"half width, n = {n}, error 1", t, _half(n), 1e-5, 1e-5, TABLE)
            for n, t in T_975.items()
        ),
        Case("interval", "share that covers, five normal", 0.95, _covered, 0.005, 0.005, "exact"),
        *(
            Case("paired", f"sleep, {name}", truth, _sleep(name), error, error, SLEEP)
            for name, truth, error in (
                *(("mean", 1.58, 1e-12), ("low", 0.7001142, 1e-7), ("high", 2.4598858, 1e-7)),
                *(("p", 0.002833 / 2, 1e-6), ("d_z", 4.0621 / math.sqrt(10), 1e-4)),
            )
        ),
        *(
            Case(
                "wilson", name, truth, lambda of=of, end=end: wilson(*of)[end], 1e-9, 1e-9, "p = 0"
            )
            for name, of, end, truth in (
                ("none of 10, high", (0, 10), 1, Z2 / (10 + Z2)),
                ("all of 45, low", (45, 45), 0, 45 / (45 + Z2)),
                ("half of 10, high", (5, 10), 1, 0.5 + 0.5 * math.sqrt(Z2 / (10 + Z2))),
            )
        ),
        # (.45 - .6) / sqrt(.6 x .4 / 60) = -2.3717
        Case(
            *("share", "p of 27 of 60 being .6 or more", 0.0088530),
            *(partial(Share(27, 60, 0.6).below, 0.0), 1e-7, 1e-7, "the normal distribution"),
        ),
        *(
            Case("holm", f"the largest {name}", truth, lambda p=p: holm(p).max(), 1e-12, 1e-12)
            for name, (p, truth) in HOLM.items()
        ),
    ]


def _half(n: int):
    """Half the width of the interval of n numbers whose mean has a standard error of 1."""
    values = np.arange(n, dtype=float)
    values *= math.sqrt(n) / values.std(ddof=1)
    return lambda: float(np.subtract(*interval(values)[::-1]) / 2)


def _covered() -> float:
    low, high = interval(np.random.default_rng(0).normal(size=(50_000, 5)))
    return float(np.mean((low <= 0) & (high >= 0)))


def _sleep(name: str):
    found = paired(*GAINED)
    low, high = found.interval
    numbers = {"mean": found.mean, "low": low, "high": high, "p": found.above(0), "d_z": found.size}
    return lambda: numbers[name]
