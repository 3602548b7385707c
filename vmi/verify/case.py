"""A known answer: an instrument, a case, and the truth on paper."""

import math
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Case"]


@dataclass(frozen=True)
class Case:
    """A number that is known on paper, and the instrument that is held against it.

    Attributes:
        instrument: The registered name, e.g. "ksg-3", or that of a data set or task.
        name: The case in a few words, unique for its instrument.
        truth: What is known.
        got: Computes what the instrument says; seeded, so that it says the same each time.
        below: By how much the instrument may say less.
        above: By how much it may say more; a lower bound has a wide `below` and a narrow `above`.
        source: Where the truth comes from: an equation, a paper, a package's own test.
    """

    instrument: str
    name: str
    truth: float
    got: Callable[[], float]
    below: float
    above: float
    source: str = ""

    @property
    def tolerance(self) -> str:
        """The tolerance as text: "±0.01", or "-0.5 +0.01" where the two sides differ."""
        if self.below == self.above:
            return f"±{self.below:g}"
        return f"-{self.below:g} +{self.above:g}"

    def holds(self, got: float) -> bool:
        """Says whether what the instrument said is near enough; a NaN never is."""
        return math.isfinite(got) and -self.below <= got - self.truth <= self.above
