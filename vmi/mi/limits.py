"""Where an estimate by nearest neighbours is not to be trusted, in a line each; "" where it is."""

import math

import numpy as np

from vmi.arrays import normal_scores
from vmi.errors import NotApplicable
from vmi.estimate import Estimate
from vmi.mi.cca import cca
from vmi.mi.kinds import MANY, REPEATED

__all__ = ["crowded", "near_ceiling", "short_of_normal", "tied"]

SHORT = 1.75  # nats below the ceiling; of normal pairs of one column, .1 is missed there
GROWTH = 0.6  # points that D columns ask for: exp(GROWTH D)
MISSED = 0.1  # nats less than a normal distribution of the same correlations tells


def near_ceiling(value: float, ceiling: float) -> str:
    r"""Warns where an estimate is within 1.75 nats of what N points and k neighbours can say.

    There it misses .1 nats of the information of a normal pair, whatever N (300 to 10,000) and k
    (3 or 10); .4 nats at 1 nat from it. At the ceiling itself, y is a function of x.
    """
    if value > ceiling - 1e-9:
        last = "y is a function of x to the last digit: the information is infinite"
        return f"{last}, and the number one of the sample size"
    if value > ceiling - SHORT:
        return f"within {SHORT} nats of the ceiling {ceiling:.2f} of so many points: too low"
    return ""


def crowded(n: int, dimensions: int) -> str:
    r"""Warns where N points are fewer than :math:`e^{.6 D}`, of D columns together.

    Then the k-th neighbour is about as far as any. That is more than 10 columns of 500 points, 12
    of 2,000 and 15 of 10,000.
    """
    if math.log(n) >= GROWTH * dimensions:
        return ""
    return f"{n} points are few in {dimensions} dimensions: neighbours are far, and it is too low"


def short_of_normal(made: Estimate, x: np.ndarray, y: np.ndarray) -> str:
    """Warns where a normal distribution of the same correlations tells more by over .1 nats.

    The correlations are those of normal scores. Of columns (N, D) that are normal each, that is
    nearly always less than there is, and of a pair of columns always. Its bias of about
    Dx Dy / 2(N - Dx - Dy) is taken off. Where a column, or a linear combination, is in both, the
    information is infinite. Of over 100 columns it is not looked at.
    """
    if x.shape[1] + y.shape[1] > MANY:
        return ""
    try:
        cca(x, y)
        normal = cca(normal_scores(x), normal_scores(y))
    except NotApplicable as error:
        return str(error) if "infinite" in str(error) else ""
    free = len(x) - x.shape[1] - y.shape[1]
    told = normal.value - x.shape[1] * y.shape[1] / (2 * free)
    if told - made.value <= MISSED + math.hypot(made.stderr, normal.stderr):
        return ""
    return f"a normal distribution of the same correlations tells {told:.2f} nats: too low"


def tied(share: float, then: str) -> str:
    """Warns of a share of points with equals, and says what to do then."""
    return f"{share:.0%} of the points share a value, which breaks KSG; {then}" * (share > REPEATED)
