r"""How far a prior is from the aggregate posterior, and how much of that another prior wins.

.. math:: E_x KL(q(z|x) \| p) = I_q(x;z) + KL(q(z) \| p)

A prior that is fitted to a frozen model changes the last term alone, so that the most it can win is
known before anything is fitted.
"""

import math

import torch

from vmi.estimate import Estimate, mean_estimate
from vmi.mi.aggregate import information
from vmi.nets.codes import Codes
from vmi.nets.densities import log_aggregate, log_own, rate, sample
from vmi.priors.prior import Prior

__all__ = ["prior_gap"]

SAMPLED = "one sample of each code"
OF_IMAGES = f"rate, exact, less I_q(x;z) of the N images, {SAMPLED}"


def prior_gap(
    codes: Codes, prior: Prior, generator: torch.Generator, *, negatives: int = 256
) -> list[Estimate]:
    r"""Returns what is left of the divergence of q(z) from the prior, and what was won, in nats.

    - the whole: :math:`KL(q(z) \| p')` of the prior p'; an upper bound where its density is
      estimated.
    - `ceiling`: :math:`KL(q(z) \| p) = rate - I_q(x;z)` of N(0, I), the most that any p' can win.
    - `ceiling-most`: an upper bound on it beyond these images, the rate less InfoNCE.
    - `won`: :math:`E_q \log p'(z) / p(z) = KL(q \| p) - KL(q \| p')`, by which the evidence lower
      bound rises; a lower bound where the density is estimated. With an exact density it bounds
      the ceiling from below, for the population as for these images.
    - `share`: that as a share of the ceiling; not applicable where the ceiling is within two
      standard errors of 0, so that there is no hole to speak of.

    The N evaluation images stand for all: as :math:`I_q \le \ln N`, the ceiling is too high where
    the information is near that (it has a warning there), and never too low on average, as
    :math:`KL(q \| p)` is convex in q.

    Args:
        codes: N posteriors that the prior was not fitted to.
        prior: p'.
        generator: Of the samples.
        negatives: K of InfoNCE.

    Raises:
        NotApplicable: The codes have no width.

    References:
        | ELBO surgery (Hoffman & Johnson, 2016)
        | http://approximateinference.org/accepted/HoffmanJohnson2016.pdf
    """
    q, z = sample(codes, generator)
    told = log_own(q, z) - log_aggregate(q, z)
    paid = rate(q)
    informed, nce, _ = information(codes, generator, negatives=negatives)
    with torch.no_grad():
        won = prior.gain(z, generator)  # last, so that the ceilings are the same for every prior
    hole = paid - told
    ceiling = float(hole.mean())
    how = ", ".join(filter(None, (prior.convention, SAMPLED)))
    about = {"warning": prior.warning, "convention": how}
    near = {"warning": informed.warning, "convention": OF_IMAGES}
    lower, upper = ("", "") if prior.bound == "exact" else ("lower", "upper")
    return [
        mean_estimate(hole - won, bound=upper, **about),
        mean_estimate(hole, "ceiling", **near),
        _beyond(paid, nce),
        mean_estimate(won, "won", lower, ceiling=_with_error(hole - won, ceiling), **about),
        _share(won, hole, **about),
    ]


def _beyond(paid: torch.Tensor, nce: Estimate) -> Estimate:
    """The rate less a lower bound on the information."""
    whole = mean_estimate(paid)
    return Estimate(
        whole.value - nce.value,
        math.hypot(whole.stderr, nce.stderr),
        unit="nats",
        bound="upper",
        n=len(paid),
        part="ceiling-most",
        convention=f"rate, exact, less InfoNCE, {nce.convention}",
        warning=nce.warning,
    )


def _with_error(left: torch.Tensor, ceiling: float) -> float:
    """The ceiling, and what four standard errors of the divergence that is left let pass."""
    return ceiling + 4 * float(left.std()) / math.sqrt(len(left))


def _share(won: torch.Tensor, hole: torch.Tensor, **about: str) -> Estimate:
    """The ratio of two means, with its error by the delta method."""
    ceiling, n = float(hole.mean()), len(won)
    error = float(hole.std()) / math.sqrt(n) if n > 1 else 0.0
    if ceiling <= 2 * error:
        why = f"there is no hole to win a share of: the ceiling is {ceiling:.2g} ± {error:.2g} nats"
        return Estimate(math.nan, part="share", state="not applicable", error=why)
    share = float(won.mean()) / ceiling
    stderr = float((won - share * hole).std()) / (ceiling * math.sqrt(n))
    return Estimate(share, stderr, n=n, part="share", **about)
