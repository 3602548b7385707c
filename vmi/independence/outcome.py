"""What a test of independence returns: a p-value with the estimate that it is of."""

import math
from dataclasses import dataclass

from vmi.estimate import Estimate

__all__ = ["Outcome"]


@dataclass(frozen=True)
class Outcome:
    r"""A p-value, and the estimate of :math:`I(x; y \mid z)` that it is the p-value of.

    Attributes:
        p: The p-value of x and y being independent given z; never 0.
        statistic: The test's own estimate of I(x;y|z) in nats, or another number that grows with
            the dependence.
        n: How many rows there were.
        stderr: Of the p-value, where it is drawn; NaN where it is computed.
        unit: Of the statistic.
        convention: How the test was made, in a few words.
        warning: What to beware of; "" where all is well.
    """

    p: float
    statistic: float
    n: int
    stderr: float = math.nan
    unit: str = "nats"
    convention: str = ""
    warning: str = ""

    def estimates(self) -> list[Estimate]:
        """Returns the p-value and its part, the statistic, as records hold them."""
        about = {"n": self.n, "convention": self.convention, "warning": self.warning}
        return [
            Estimate(self.p, self.stderr, **about),
            Estimate(self.statistic, unit=self.unit, part="statistic", **about),
        ]
