r"""Information between images and codes, by the aggregate posterior of the images at hand.

The encoder is known, so its density needs no critic. With the N images as the data,

.. math::
    q(z) = \frac1N \sum_j q(z|x_j), \quad
    I_q(x;z) = \frac1N \sum_i E_{q(z|x_i)} \log \frac{q(z|x_i)}{q(z)} \le \ln N.
"""

import math
from dataclasses import replace

import torch
from torch import Tensor, nn

from vmi.errors import NotApplicable
from vmi.estimate import Estimate, mean_estimate
from vmi.nets.codes import Codes
from vmi.nets.densities import (
    components,
    joint_probabilities,
    log_aggregate,
    log_own,
    rate,
    sample,
    standard_units,
)

__all__ = [
    "capped_estimate",
    "far_warning",
    "information",
    "information_categorical",
    "information_chosen",
    "information_dimensions",
    "information_gaussian",
]

SUM = "sum over components: I(x;z) + the total correlation of q(z), each of the N images"
NEAR = 0.05  # of a ceiling
FAR = 1e5  # times its own spread that a dimension may lie from 0
WHOLE = "aggregate of the N images, one sample of each code"


def information(
    codes: Codes, generator: torch.Generator, *, negatives: int = 256
) -> list[Estimate]:
    r"""Returns I_q(x;z) of the whole code with a bracket around it, in nats.

    - the whole: the definition above, by one sample of each q(z|x_i). Unbiased for the N images;
    - `infonce`, a lower bound: the same within batches of K images, so at most ln K,
      :math:`E \log \frac{q(z_i|x_i)}{\frac1K \sum_{j \le K} q(z_i|x_j)}`.
    - `rate`, an upper bound: :math:`E\, KL(q(z|x) \| p(z)) = I_q(x;z) + KL(q(z) \| p(z))`.

    The first two are the same in whatever units and from whatever origin the code is measured, as
    it is moved and scaled first (`standard_units`); the rate is not, as the prior is N(0, I).

    Args:
        codes: N posteriors.
        generator: Of the samples.
        negatives: K, at most N.

    Raises:
        NotApplicable: The codes have no width.

    References:
        | ELBO surgery (Hoffman & Johnson, 2016)
        | http://approximateinference.org/accepted/HoffmanJohnson2016.pdf
        | On Variational Bounds of Mutual Information (Poole et al., 2019)
        | https://arxiv.org/abs/1905.06922
    """
    q, z = sample(standard_units(codes), generator)
    log_q, n = log_own(q, z), len(codes)
    k = min(negatives, n)
    order = torch.randperm(n, generator=generator)[: n // k * k].view(-1, k)
    within = torch.cat([log_q[i] - log_aggregate(q[i], z[i]) for i in order])
    batches, far = f"known encoder, K = {k} images", far_warning(codes)
    return [
        capped_estimate(log_q - log_aggregate(q, z), n, warning=far, convention=WHOLE),
        capped_estimate(within, k, "infonce", bound="lower", warning=far, convention=batches),
        mean_estimate(
            rate(codes.posterior),
            part="rate",
            bound="upper",
            convention="E KL(q(z|x) || p(z))",
        ),
    ]


def information_gaussian(
    codes: Codes, generator: torch.Generator, *, negatives: int = 256
) -> list[Estimate]:
    """Returns I_q(x;z) of the Gaussian block alone; see `information`.

    Raises:
        NotApplicable: There is no Gaussian block.
    """
    return information(codes.gaussian_block(), generator, negatives=negatives)


def information_chosen(
    model: nn.Module, codes: Codes, generator: torch.Generator, *, negatives: int = 256
) -> list[Estimate]:
    """Returns I_q(x;z) of the chosen components alone, with its bracket; see `information`.

    They are the informed Gaussian dimensions and all categories, of which the bound of VMI-VAE
    speaks. That one (`vmi-bound`) is of the code and the decoded image; this is of the code and the
    data. Where categories alone are chosen, `information-categorical` has the same exactly.

    Args:
        model: Knows which components are chosen.
        codes: N posteriors, of all components.
        generator: Of the samples.
        negatives: K of the part `infonce`.

    Raises:
        NotApplicable: No component is chosen.
    """
    latents = model.latents
    if not (latents.informed or latents.categorical):
        raise NotApplicable("no component of the code is chosen: it has no informed dimension")
    return information(codes.leading(latents.informed), generator, negatives=negatives)


def information_dimensions(
    codes: Codes, generator: torch.Generator, *, most: int = 2500
) -> list[Estimate]:
    r"""Returns I_q(x;z_d) of each component on its own, and their sum, in nats.

    The parts `dimension-0`, ... are of the Gaussian dimensions, by one sample of each code and the
    one-dimensional aggregate (at most ln N); `category-0`, ... are of the categories, exactly. A
    constant component has 0.

    The whole is the sum, which is not the information of the code. As q(z|x) factorises,

    .. math:: \sum_d I_q(x;z_d) = I_q(x;z) + TC(q(z)), \quad TC(q) = KL(q \| \prod_d q(z_d)) \ge 0,

    so that two copies of a component count twice: an upper bound on the information of the N
    images, never looser than the rate. Of their population it is one only as long as no dimension
    is near its own ceiling of ln N, which is also less than that of `information` where that has
    more images; else it has a warning, and is called no bound. Ceiling of the sum: ln N for each
    Gaussian dimension and ln K for each category.

    Args:
        codes: Posteriors.
        generator: Of the samples.
        most: N, of more codes than that, evenly spread; the cost is that of N^2 densities for each
            dimension.
    """
    codes = codes.thinned(most)
    q, z = sample(standard_units(codes), generator)
    gaussians = list(components(q, z))[: codes.mean.shape[1]]
    sampled = [log_own(q_d, z_d) - log_aggregate(q_d, z_d) for q_d, z_d in gaussians]
    exact = [_divergences(p.double()) for p in codes.categorical]
    n, sizes = len(codes), [p.shape[1] for p in codes.categorical]
    dimensions = [
        capped_estimate(terms, n, f"dimension-{d}", convention=WHOLE)
        for d, terms in enumerate(sampled)
    ]
    categories = [_exact(t, sizes[i], f"category-{i}") for i, t in enumerate(exact)]
    full = sum(bool(dimension.warning) for dimension in dimensions)
    said = f"{full} of its terms are near their ceiling, ln {n}: no bound beyond these images"
    whole = mean_estimate(
        sum(sampled + exact),
        bound="" if full else "upper",
        ceiling=len(sampled) * math.log(n) + sum(map(math.log, sizes)),
        convention=SUM,
        warning=said if full else "",
    )
    return [whole, *dimensions, *categories]


def information_categorical(codes: Codes) -> Estimate:
    r"""Returns I_q(x;c) of all categories together, exactly for the N images, in nats.

    .. math:: I_q(x;c) = H(q(c)) - \frac1N \sum_i H(q(c|x_i)) = \frac1N \sum_i KL(q(c|x_i) \| q(c))

    Ceiling: the logarithm of the number of values. Constant codes have 0. The standard error is
    that of the mean over images, to first order in 1/N.

    Raises:
        NotApplicable: There is no categorical block, or one of too many values to sum over.
    """
    p = joint_probabilities(codes.categorical_block())
    return _exact(_divergences(p), p.shape[1])


def capped_estimate(terms: Tensor, n: int, part: str = "", **about) -> Estimate:
    """Creates the estimate of an information that cannot pass ln n, and says where it is near."""
    estimate, ceiling = mean_estimate(terms, part, **about), math.log(n)
    near = n > 1 and estimate.value > (1 - NEAR) * ceiling
    said = f"within 5% of its ceiling of {ceiling:.2f} nats, the logarithm of {n} images"
    said += "; the truth may lie far above"
    said = [estimate.warning] * bool(estimate.warning) + [said] * near
    return replace(estimate, ceiling=ceiling, warning="; ".join(said))


def far_warning(codes: Codes) -> str:
    """Says where codes lie so far from 0, beside their own spread, that digits of them are lost."""
    if not codes.mean.shape[1]:
        return ""
    mean, scale = codes.mean.double(), codes.scale.double()
    far = float((mean.mean(0).abs() / torch.hypot(mean.std(0, correction=0), scale.mean(0))).max())
    if not far > FAR:
        return ""
    said = f"a dimension lies {far:.1g} times its own spread from 0, where float32 keeps few digits"
    return f"{said} or none: move codes to 0 before they are stored"


def _exact(divergences: Tensor, values: int, part: str = "") -> Estimate:
    common = {"ceiling": math.log(values), "convention": "summed over the values, mean over images"}
    return mean_estimate(divergences, part, "exact", **common)


def _divergences(p: Tensor) -> Tensor:
    """KL(q(c|x_i) || q(c)) of each image, (N,), of probabilities (N, K) in float64."""
    q = p.mean(0, keepdim=True)
    return (torch.xlogy(p, p) - torch.xlogy(p, q)).sum(1)
