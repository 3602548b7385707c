r"""Information between discrete arrays by counting, in nats.

Each is a sum of entropies, I(x;y) = H(x) + H(y) - H(x, y), and the estimators differ in what they
make of the counts. Several columns are one joint value. None knows what it has not seen: where most
joint values occur once, the number says more of its estimator than of the data, and says so.

The standard error of all is that of the plug-in estimate by the delta method, the spread of the
logarithms over :math:`\sqrt N`. Without dependence it is some 1.4 times the true one, which falls
as 1/N. It knows of no bias.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, gammaln, polygamma

from vmi.arrays import aligned, is_discrete
from vmi.errors import NotApplicable
from vmi.estimate import Estimate
from vmi.mi.kinds import also, codes_of

__all__ = [
    "Counts",
    "chao_shen",
    "chao_shen_entropy",
    "conditional_plug_in",
    "james_stein",
    "james_stein_shares",
    "miller_madow",
    "nsb",
    "nsb_entropy",
    "plug_in",
]

BIASED = 0.1  # nats of bias; with more, the number is not to be trusted
SINGLE = 0.5  # a share of pairs that occur once; with more, nothing is known of the rest
NODES = 1000  # of the integral over priors
CELLS = 10_000_000  # of a table
REMEDIES = "chao-shen, nsb or james-stein, which are for two arrays"

Entropy = Callable[[np.ndarray, int], float]  # of counts (K,), and of how many values may occur


def plug_in(x, y) -> Estimate:
    r"""Returns the mutual information of the counts themselves, in nats.

    .. math:: \sum_{ab} \hat p(a, b) \ln \frac{\hat p(a, b)}{\hat p(a)\, \hat p(b)}

    Of N samples it is about :math:`(K_{xy} - K_x - K_y + 1) / 2N` above the truth, with K the
    numbers of values that are possible; over .1 nats with those that occur, it says so. A constant
    scores 0; x = y scores the ceiling, :math:`\min(\hat H(x), \hat H(y))`.

    Args:
        x: (N,) or (N, D) integers or truth values.
        y: The same.

    Raises:
        NotApplicable: An array is of floats or text.

    References:
        | Estimation of Entropy and Mutual Information (Paninski, 2003), sections 3 and 4
        | https://doi.org/10.1162/089976603321780272
    """
    return _biased(_plug_in_entropy, "plug-in", x=x, y=y)


def miller_madow(x, y) -> Estimate:
    r"""Returns the plug-in mutual information less its bias to first order, in nats.

    .. math:: \hat I + \frac{K_x + K_y - K_{xy} - 1}{2N}

    which is that of three entropies, each plus :math:`(K - 1) / 2N`, with K the number of values
    that occur. Where many do not, that is too little for the pairs, and the estimate is further off
    than the plug-in one. It may fall below 0, and is not clipped there. A constant scores 0. The
    ceiling is the smaller of the two entropies, corrected alike.

    Args:
        x: (N,) or (N, D) integers or truth values.
        y: The same.

    Raises:
        NotApplicable: An array is of floats or text.

    References:
        | Note on the bias of information estimates (Miller, 1955)
        | Estimation of Entropy and Mutual Information (Paninski, 2003), section 4
        | https://doi.org/10.1162/089976603321780272
    """
    return _biased(_miller_madow_entropy, "Miller-Madow, not clipped at 0", x=x, y=y)


def chao_shen(x, y) -> Estimate:
    r"""Returns the mutual information by Chao's and Shen's three entropies, in nats.

    What has not been seen is allowed for by the share of the values that occur once: see
    `chao_shen_entropy`. It may fall below 0, and is not clipped. The ceiling is the smaller of the
    entropies of x and y.

    Args:
        x: (N,) or (N, D) integers or truth values.
        y: The same.

    Raises:
        NotApplicable: An array is of floats or text.

    References:
        | Nonparametric estimation of Shannon's index of diversity when there are unseen species in
        | sample (Chao & Shen, 2003), https://doi.org/10.1023/A:1026096204727
    """
    return _counted(lambda counts, _: chao_shen_entropy(counts), "Chao-Shen, not clipped", x=x, y=y)


def nsb(x, y) -> Estimate:
    r"""Returns the mutual information by the Bayesian entropies of Nemenman and others, in nats.

    Three posterior means of entropies (`nsb_entropy`), with the values that occur of x and of y as
    those that may, and their products as the pairs that may. It may fall below 0, and is not
    clipped. The ceiling is the smaller of the entropies of x and y.

    Args:
        x: (N,) or (N, D) integers or truth values.
        y: The same.

    Raises:
        NotApplicable: An array is of floats or text.

    References:
        | Entropy and Inference, Revisited (Nemenman, Shafee & Bialek, 2002)
        | https://arxiv.org/abs/physics/0108025
    """
    return _counted(nsb_entropy, "NSB, not clipped at 0", x=x, y=y)


def james_stein(x, y) -> Estimate:
    r"""Returns the mutual information of a table shrunk towards even shares, in nats.

    The plug-in information of `james_stein_shares` of the table of pairs, whose rows and columns
    are the values that occur; so it is not below 0. Shrinking to an even table takes skewed values
    that are independent for dependent ones, and dependence for less. The ceiling is the smaller of
    the entropies of the shrunk margins.

    Args:
        x: (N,) or (N, D) integers or truth values.
        y: The same.

    Raises:
        NotApplicable: An array is of floats or text, or the table has over ten million cells.

    References:
        | Entropy Inference and the James-Stein Estimator, with Application to Nonlinear Gene
        | Association Networks (Hausser & Strimmer, 2009), https://arxiv.org/abs/0811.3579
    """
    found = Counts.of(x=x, y=y)
    if found.values[3] > CELLS:
        raise NotApplicable(f"a table of {found.values[3]} cells is too large to be shrunk")
    table = np.zeros((found.values[0], found.values[1]))
    np.add.at(table, (found.codes[0], found.codes[1]), 1)
    shares = james_stein_shares(table)
    entropies = [_entropy(s) for s in (shares.sum(1), shares.sum(0), np.ones(1), shares)]
    return found.estimate(entropies, "James-Stein")


def conditional_plug_in(x, y, z) -> Estimate:
    r"""Returns I(x;y|z) of the counts themselves, in nats.

    .. math:: \hat H(x, z) + \hat H(y, z) - \hat H(z) - \hat H(x, y, z)

    It is about :math:`(K_{xyz} - K_{xz} - K_{yz} + K_z) / 2N` above the truth; over .1 nats with
    the values that occur, it says so. A constant z leaves `plug_in`. The ceiling is
    :math:`\min(\hat H(x|z), \hat H(y|z))`.

    Args:
        x: (N,) or (N, D) integers or truth values.
        y: The same.
        z: The same; what to condition on.

    Raises:
        NotApplicable: An array is of floats or text.

    References:
        | Elements of Information Theory (Cover & Thomas, 2006), equation 2.60
    """
    return _biased(_plug_in_entropy, "plug-in", x=x, y=y, z=z)


# ---------------------------------------------------------------- entropies of counts


def chao_shen_entropy(counts: np.ndarray) -> float:
    r"""Returns Chao's and Shen's entropy of counts (K,), in nats.

    .. math:: -\sum_a \frac{C p_a \ln C p_a}{1 - (1 - C p_a)^N}, \quad C = 1 - f_1 / N

    with :math:`f_1` the number of values that occur once, at most N - 1 of them, so that C > 0.
    The sum is Horvitz and Thompson's, by the chance that a value is seen at all.

    References:
        https://doi.org/10.1023/A:1026096204727, equation 8

    Example:
        >>> round(chao_shen_entropy(np.array([1, 1, 2])), 4)
        1.7632
    """
    counts = counts[counts > 0]
    n = counts.sum()
    shares = (1 - min((counts == 1).sum(), n - 1) / n) * counts / n
    return float((-shares * np.log(shares) / (1 - (1 - shares) ** n)).sum())


def james_stein_shares(counts: np.ndarray) -> np.ndarray:
    r"""Returns shares of counts, K in any shape, shrunk towards 1 / K.

    .. math:: \lambda / K + (1 - \lambda) \hat p_a, \quad
        \lambda = \frac{1 - \sum_a \hat p_a^2}{(N - 1) \sum_a (1 / K - \hat p_a)^2}

    with :math:`\lambda` at most 1.

    References:
        https://arxiv.org/abs/0811.3579, equations 4 and 6

    Example:
        >>> james_stein_shares(np.array([4, 0])).tolist(), james_stein_shares(np.array([3, 1]))
        ([1.0, 0.0], array([0.5, 0.5]))
    """
    n, even = counts.sum(), 1 / counts.size
    shares = counts / n
    distance = (n - 1) * ((even - shares) ** 2).sum()
    shrink = 1.0 if distance == 0 else min(1.0, float((1 - (shares**2).sum()) / distance))
    return shrink * even + (1 - shrink) * shares


def nsb_entropy(counts: np.ndarray, values: int) -> float:
    r"""Returns the posterior mean of the entropy under Nemenman's, Shafee's and Bialek's prior.

    A mixture of symmetric Dirichlet priors over K values, so weighted that the entropy expected a
    priori is even between 0 and ln K:

    .. math:: p(\beta) \propto \frac{d\xi}{d\beta}, \quad \xi = \psi(K\beta + 1) - \psi(\beta + 1)

    and given :math:`\beta`, with :math:`\kappa = N + K\beta`,

    .. math:: E[H | n, \beta] = \psi(\kappa + 1)
        - \sum_a \frac{n_a + \beta}{\kappa} \psi(n_a + \beta + 1)

    The integral over :math:`\ln \beta` is a sum over a grid.

    Args:
        counts: (K',) of the values that occur, and any that do not.
        values: K, how many may occur; K' at least.

    References:
        https://arxiv.org/abs/physics/0108025, equations 6 to 10
    """
    seen, times = np.unique(counts[counts > 0], return_counts=True)
    if values <= 1:
        return 0.0
    n, unseen = int(counts.sum()), values - int(times.sum())
    beta = np.exp(np.linspace(math.log(1e-6 / values), math.log(1e4), NODES))
    a = values * beta
    prior = values * polygamma(1, a + 1) - polygamma(1, beta + 1)
    evidence = gammaln(a) - gammaln(n + a)
    mean = digamma(n + a + 1) - unseen * beta / (n + a) * digamma(beta + 1)
    for count, many in zip(seen, times, strict=True):
        evidence += many * (gammaln(count + beta) - gammaln(beta))
        mean -= many * (count + beta) / (n + a) * digamma(count + beta + 1)
    weight = np.log(np.maximum(prior * beta, np.finfo(float).tiny)) + evidence
    weight = np.exp(weight - weight.max())
    return float((weight * mean).sum() / weight.sum())


def _plug_in_entropy(counts: np.ndarray, _: int) -> float:
    return _entropy(counts / counts.sum())


def _miller_madow_entropy(counts: np.ndarray, _: int) -> float:
    n = counts.sum()
    return _entropy(counts / n) + ((counts > 0).sum() - 1) / (2 * n)


def _entropy(shares: np.ndarray) -> float:
    shares = shares[shares > 0]
    return float(-(shares * np.log(shares)).sum())


# ---------------------------------------------------------------- what they share


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


def _counted(entropy: Entropy, convention: str, **arrays) -> Estimate:
    """The estimate by four entropies of counts."""
    found = Counts.of(**arrays)
    entropies = [entropy(c, k) for c, k in zip(found.counts, found.values, strict=True)]
    return found.estimate(entropies, convention)


def _biased(entropy: Entropy, convention: str, **arrays) -> Estimate:
    """The same, with a warning where the counts are too few for it."""
    return also(_counted(entropy, convention, **arrays), Counts.of(**arrays).scarce)


def _refuse_uncounted(name: str, values) -> None:
    if is_discrete(values):
        return
    if np.asarray(values).dtype.kind in "USO":
        number = f"number its values, as numpy.unique({name}, return_inverse=True)[1] does"
        raise NotApplicable(f"{name} holds text, and counting is for integers: {number}")
    raise NotApplicable(f"{name} is of floats, and counting is for integers: bin it first")
