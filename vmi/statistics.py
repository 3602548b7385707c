"""Statistics over seeds: intervals of means, of paired differences and of shares, and p-values."""

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Literal, NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

__all__ = [
    *("Difference", "Share", "Verdict", "holm", "interval", "p_value", "paired"),
    *("student_interval", "verdict", "wilson"),
]

Numbers = np.ndarray | float
Relation = Literal["above", "below", "within"]
Verdict = Literal["holds", "fails", "undecided"]


def student_interval(mean: Numbers, error: Numbers, n: Numbers) -> tuple[Numbers, Numbers]:
    r"""Returns the 95% interval of a mean of n independent numbers, by Student's t.

    .. math:: \bar x \mp t_{.975,\,n-1}\, s / \sqrt n

    Exact for normal numbers, however few; of one it is NaN. The percentile bootstrap covers 82%
    where five are resampled.

    Args:
        mean: Of the n numbers.
        error: Its standard error, s / sqrt n, with n - 1 in the denominator of s.
        n: How many they are.

    References:
        | The Probable Error of a Mean (Student, 1908)
        | https://doi.org/10.1093/biomet/6.1.1
    """
    half = stdtrit(np.maximum(n, 1) - 1, 0.975) * error
    return mean - half, mean + half


def interval(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns the 95% interval of the mean along the last axis; see `student_interval`.

    Example:
        >>> low, high = interval(np.array([2.0, 2.0, 2.0]))
        >>> float(low), float(high)
        (2.0, 2.0)
    """
    values, n = np.asarray(values, dtype=float), np.shape(values)[-1]
    spread = values.std(-1, ddof=1) if n > 1 else np.full(values.shape[:-1], np.nan)
    return student_interval(values.mean(-1), spread / math.sqrt(n), n)


class Difference(NamedTuple):
    r"""The mean of n paired differences, and how sure it is.

    Attributes:
        mean: :math:`\bar d`; NaN of no pair.
        error: Its standard error :math:`s_d / \sqrt n`; NaN of fewer than two pairs.
        n: How many pairs there are.
    """

    mean: float
    error: float
    n: int

    @property
    def interval(self) -> tuple[float, float]:
        """The 95% interval by Student's t."""
        low, high = student_interval(self.mean, self.error, self.n)
        return float(low), float(high)

    @property
    def size(self) -> float:
        r"""Cohen's :math:`d_z = \bar d / s_d`: the effect in units of its spread over pairs.

        NaN where the differences have no spread.

        References:
            | Statistical Power Analysis for the Behavioral Sciences (Cohen, 1988), section 2.3
            | https://doi.org/10.4324/9780203771587
        """
        return self.mean / (self.error * math.sqrt(self.n)) if self.error > 0 else math.nan

    def above(self, bound: float) -> float:
        """Returns the one-sided p-value of the true mean being no more than a bound.

        It is under .025 where the whole `interval` lies above the bound. Differences that are all
        the same leave no doubt: 0 where they are above the bound, else 1.
        """
        if self.error == 0:
            return float(self.mean <= bound)
        return float(stdtr(max(self.n, 1) - 1, (bound - self.mean) / self.error))

    def below(self, bound: float) -> float:
        """Returns the one-sided p-value of the true mean being no less than a bound."""
        return self._replace(mean=-self.mean).above(-bound)


def paired(left: Sequence[float], right: Sequence[float]) -> Difference:
    """Returns the mean of left - right over pairs, with its error.

    A difference is that of the decimals which the records write, so that .4 - .3 is .1 and pairs
    that all differ by the same have an interval of no width, in whatever order they come.

    Args:
        left: n finite numbers, one a seed.
        right: Those of the same seeds.

    Example:
        >>> paired([0.4, 0.7], [0.3, 0.6])
        Difference(mean=0.1, error=0.0, n=2)
    """
    pairs = zip(left, right, strict=True)
    d = np.array([float(_decimal(a) - _decimal(b)) for a, b in pairs])
    n = len(d)
    if not n:
        return Difference(math.nan, math.nan, 0)
    # Sums around the median are exact for equal differences, in any order of seeds.
    middle = float(np.median(d))
    mean = middle + math.fsum(d - middle) / n
    if n < 2:
        return Difference(mean, math.nan, n)
    return Difference(mean, math.sqrt(math.fsum((d - mean) ** 2) / (n - 1) / n), n)


class Share(NamedTuple):
    r"""A share :math:`\hat p` of n trials less a number: what `Difference` is of means.

    It is unsure where all trials end alike, too, which an estimated spread of 0 would deny.

    Attributes:
        count: Trials that succeeded.
        n: How many there were.
        less: The number that the share is held against.
    """

    count: int
    n: int
    less: float

    @property
    def mean(self) -> float:
        """The share less the number; NaN of no trial."""
        return self.count / self.n - self.less if self.n else math.nan

    @property
    def error(self) -> float:
        """Half of the interval in standard errors of a normal number; NaN of no trial."""
        low, high = self.interval
        return (high - low) / 2 / float(ndtri(0.975))

    @property
    def interval(self) -> tuple[float, float]:
        """The 95% interval by Wilson."""
        low, high = wilson(self.count, self.n)
        return low - self.less, high - self.less

    @property
    def size(self) -> float:
        """NaN: trials are not paired."""
        return math.nan

    def above(self, bound: float) -> float:
        """Returns the one-sided p-value of the true difference being no more than a bound.

        It is that of the score test, which Wilson's interval inverts: under .025 where the whole
        `interval` lies above the bound.
        """
        p = bound + self.less
        if not 0 < p < 1:  # no share lies outside
            return float(p >= 1)
        return float(ndtr((p - self.count / self.n) / math.sqrt(p * (1 - p) / self.n)))

    def below(self, bound: float) -> float:
        """Returns the one-sided p-value of the true difference being no less than a bound."""
        return Share(self.n - self.count, self.n, 1 - self.less).above(-bound)


def _decimal(number: float) -> Decimal:
    return Decimal(str(float(number)))


def verdict(low: float, high: float, relation: Relation, margin: float) -> Verdict:
    """Returns what a 95% interval of an effect says of a claim on it.

    "above" claims effect > margin, "below" effect < -margin, "within" -margin <= effect <= margin.
    It holds where the whole interval lies there, fails where the whole interval lies elsewhere,
    and is undecided where the interval reaches into both or is NaN. An interval that ends at the
    margin leaves "above" and "below" undecided. With a negative margin "above" is a test of
    non-inferiority: not less by more than that. "within" alone is one of equivalence: two one-sided
    tests at 2.5% each.
    """
    if relation == "below":
        return verdict(-high, -low, "above", margin)
    if relation == "within":
        holds, fails = -margin <= low and high <= margin, low > margin or high < -margin
    else:
        holds, fails = low > margin, high < margin
    return "holds" if holds else "fails" if fails else "undecided"


def p_value(difference: Difference | Share, relation: Relation, margin: float) -> float:
    """Returns the two-sided p-value of a verdict: it is under .05 where that is not "undecided".

    Twice the smaller of two one-sided ones: of the claim being wrong, and of its being right. It is
    0 or 1 where all differences are the same, which leaves no doubt, and NaN of too few.
    """
    if math.isnan(difference.error):
        return math.nan
    if difference.error == 0:
        return float(verdict(*difference.interval, relation, margin) == "undecided")
    above, below = difference.above, difference.below
    if relation == "within":
        sides = max(above(-margin), below(margin)), above(margin), below(-margin)
    elif relation == "below":
        sides = above(-margin), below(-margin)
    else:
        sides = above(margin), below(margin)
    return min(1.0, 2 * min(sides))


def wilson(count: int, n: int) -> tuple[float, float]:
    r"""Returns the 95% interval of a share of which `count` of n were seen; NaN of none.

    .. math::
        \frac{\hat p + z^2 / 2n \mp z \sqrt{\hat p (1 - \hat p) / n + z^2 / 4n^2}}{1 + z^2 / n}

    References:
        | Probable Inference, the Law of Succession, and Statistical Inference (Wilson, 1927)
        | https://doi.org/10.1080/01621459.1927.10502953
    """
    from scipy.stats import binomtest  # a second that the rest does without

    if not n:
        return math.nan, math.nan
    found = binomtest(int(count), int(n)).proportion_ci(0.95, method="wilson")
    return float(found.low), float(found.high)


def holm(p: Sequence[float]) -> np.ndarray:
    r"""Returns p-values adjusted for their number; a NaN is no test and is not counted.

    .. math:: \tilde p_{(i)} = \max_{j \le i} \min(1, (m - j + 1)\, p_{(j)})

    Rejecting those under .05 is wrong about any of m true hypotheses one time in twenty at most,
    however the tests depend on each other.

    References:
        | A Simple Sequentially Rejective Multiple Test Procedure (Holm, 1979)
        | https://www.jstor.org/stable/4615733

    Example:
        >>> holm([0.01, 0.04, 0.03, float("nan")]).tolist()
        [0.03, 0.06, 0.06, nan]
    """
    adjusted = np.asarray(p, dtype=float).copy()
    order = np.argsort(adjusted, kind="stable")[: np.isfinite(adjusted).sum()]
    steps = adjusted[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(1, np.maximum.accumulate(steps))
    return adjusted
