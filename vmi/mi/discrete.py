r"""Information between discrete arrays by counting, in nats.

Each is a sum of entropies, I(x;y) = H(x) + H(y) - H(x, y), and the estimators differ in what they
make of the counts. Several columns are one joint value. None knows what it has not seen: where most
joint values occur once, the number says more of its estimator than of the data, and says so.

The standard error of all is that of the plug-in estimate by the delta method, the spread of the
logarithms over :math:`\sqrt N`. Without dependence it is some 1.4 times the true one, which falls
as 1/N. It knows of no bias.
"""

from collections.abc import Callable

import numpy as np

from vmi.errors import NotApplicable
from vmi.estimate import Estimate
from vmi.mi.counts import Counts
from vmi.mi.entropies import (
    chao_shen_entropy,
    entropy_of,
    james_stein_shares,
    miller_madow_entropy,
    nsb_entropy,
    plug_in_entropy,
)
from vmi.mi.kinds import also

__all__ = ["chao_shen", "conditional_plug_in", "james_stein", "miller_madow", "nsb", "plug_in"]

CELLS = 10_000_000  # of a table

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
    return _biased(plug_in_entropy, "plug-in", x=x, y=y)


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
    return _biased(miller_madow_entropy, "Miller-Madow, not clipped at 0", x=x, y=y)


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
    entropies = [entropy_of(s) for s in (shares.sum(1), shares.sum(0), np.ones(1), shares)]
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
    return _biased(plug_in_entropy, "plug-in", x=x, y=y, z=z)


# ---------------------------------------------------------------- what they share


def _counted(entropy: Entropy, convention: str, **arrays) -> Estimate:
    """The estimate by four entropies of counts."""
    found = Counts.of(**arrays)
    entropies = [entropy(c, k) for c, k in zip(found.counts, found.values, strict=True)]
    return found.estimate(entropies, convention)


def _biased(entropy: Entropy, convention: str, **arrays) -> Estimate:
    """The same, with a warning where the counts are too few for it."""
    return also(_counted(entropy, convention, **arrays), Counts.of(**arrays).scarce)
