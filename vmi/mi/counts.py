"""How often the joint values of discrete arrays occur, and where that is too little to know."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vmi.arrays import aligned, is_discrete
from vmi.errors import NotApplicable
from vmi.estimate import Estimate
from vmi.mi.kinds import codes_of

__all__ = ["Counts"]

BIASED = 0.1  # nats of bias; with more, the number is not to be trusted
SINGLE = 0.5  # a share of pairs that occur once; with more, nothing is known of the rest
REMEDIES = "chao-shen, nsb or james-stein, which are for two arrays"


@dataclass(frozen=True)
class Counts:
    """The joint values of N rows of x, y and z: of (x, z), (y, z), z and (x, y, z), in this order.

    Attributes:
        codes: (4, N), which value each row has.
        counts: (K,) each, how often each occurs.
        values: How many values may occur: of several arrays the product, of one those that do.
    """

    codes: Sequence[np.ndarray]
    counts: Sequence[np.ndarray]
    values: Sequence[int]

    @classmethod
    def of(cls, **arrays) -> "Counts":
        """Counts x and y, and z if there is one."""
        for name, values in arrays.items():
            _refuse_uncounted(name, values)
        x, y, *z = aligned(**arrays)
        z = z[0] if z else np.zeros((len(x), 1), np.int64)
        spaces = [x, z], [y, z], [z], [x, y, z]
        codes = [codes_of(np.hstack(space))[0] for space in spaces]
        values = [math.prod(codes_of(a)[1] for a in space) for space in spaces]
        return cls(codes, [np.bincount(c) for c in codes], values)

    @property
    def n(self) -> int:
        """N."""
        return len(self.codes[0])

    @property
    def stderr(self) -> float:
        """By the delta method: of the mean of the logarithms of the ratio of shares."""
        xz, yz, z, xyz = (np.log(c[i]) for c, i in zip(self.counts, self.codes, strict=True))
        return float((xyz + z - xz - yz).std() / math.sqrt(self.n))

    @property
    def bias(self) -> float:
        """Of the plug-in estimate, to first order, by the values that occur."""
        xz, yz, z, xyz = map(len, self.counts)
        return (xyz - xz - yz + z) / (2 * self.n)

    @property
    def scarce(self) -> str:
        """Warns where the counts are too few for the plug-in value and its like."""
        texts = [self.once]
        if self.bias > BIASED:
            texts.append(f"few counts bias it by {self.bias:.2g} nats or more; see {REMEDIES}")
        return "; ".join(filter(None, texts))

    @property
    def once(self) -> str:
        """Warns where most rows have a joint value of their own."""
        share = float((self.counts[3] == 1).sum() / self.n)
        if share <= SINGLE:
            return ""
        return f"{share:.0%} of the rows hold a joint value that occurs once: too few to know"

    def estimate(self, entropies: Sequence[float], convention: str) -> Estimate:
        """Creates the estimate from the entropies of the four."""
        xz, yz, z, xyz = entropies
        return Estimate(
            float(xz + yz - z - xyz),
            self.stderr,
            "nats",
            ceiling=float(min(xz, yz) - z),
            n=self.n,
            convention=convention,
            warning=self.once,
        )


def _refuse_uncounted(name: str, values) -> None:
    if is_discrete(values):
        return
    if np.asarray(values).dtype.kind in "USO":
        number = f"number its values, as numpy.unique({name}, return_inverse=True)[1] does"
        raise NotApplicable(f"{name} holds text, and counting is for integers: {number}")
    raise NotApplicable(f"{name} is of floats, and counting is for integers: bin it first")
