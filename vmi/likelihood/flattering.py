"""The likelihood under a tilted prior as it is often reported: no bound, and too high."""

import math
from dataclasses import replace

import torch
from torch import Generator, Tensor, nn

from vmi.errors import NotApplicable
from vmi.estimate import Estimate
from vmi.likelihood.bounds import iwae
from vmi.priors.prior import Prior
from vmi.priors.tilted import Tilted

__all__ = ["iwae_flattering"]

OF_CONTEXT = 500  # draws of the prior for each context
FLATTERS = "no bound: the normaliser is estimated, and its logarithm comes out too low on average"


def iwae_flattering(
    model: nn.Module,
    images: Tensor,
    generator: torch.Generator,
    prior: Prior,
    *,
    k: int = 100,
    draws: int = 5000,
) -> Estimate:
    r"""Returns the plug-in estimate of log p(x) under a tilted prior, in nats an image.

    .. math::
        E \log \frac1k \sum_{i=1}^k \frac{p(x|z_i) p(z_i) r(z_i)}{\hat Z\, q(z_i|x)}, \quad
        \hat Z = \frac1S \sum_{s=1}^S r(z_s), \quad z_s \sim p

    Of a code with groups, :math:`\hat Z_k(z_{<k})` of each group below the top is one of its
    context, from 500 draws for each. By Jensen :math:`E \log \hat Z \le \log Z`, so that on
    average this is above the bound on the density :math:`r p / Z`, and that is not the density of
    any sampler with finitely many proposals. `iwae` is a bound under the same prior; what this says
    beyond that flatters.

    Args:
        model: In evaluation mode.
        images: (N, C, H, W) as the model's likelihood wants them.
        generator: Of the samples.
        prior: Tilted.
        k: Importance samples an image.
        draws: S.

    Raises:
        NotApplicable: The prior has no weight, and so no normaliser that is not known.

    References:
        | A Contrastive Learning Approach for Training Variational Autoencoder Priors
        | (Aneja et al., 2021), https://arxiv.org/abs/2010.02917
    """
    if not isinstance(prior, Tilted):
        raise NotApplicable("the prior has no normaliser that is estimated: iwae says as much")
    (whole, _) = iwae(model, images, generator, _PlugIn(prior, draws, generator), k=k)
    warning = "; ".join(filter(None, (whole.warning, FLATTERS)))
    return replace(whole, bound="", warning=warning)


class _PlugIn(Prior):
    """A tilted prior whose normaliser is what some draws say that it is."""

    def __init__(self, prior: Tilted, draws: int, generator: Generator) -> None:
        super().__init__(prior.latents)
        self.prior, self.draws = prior, draws
        self.log_z = float(prior.weigh(draws, generator).logsumexp(0)) - math.log(draws)

    def gain(self, z: Tensor, generator: Generator) -> Tensor:
        won = self.prior.log_weight(z) - self.log_z
        for group in range(1, self.prior.groups):
            total = self.prior.log_sum(z, OF_CONTEXT, generator, group)
            won = won - total + math.log(OF_CONTEXT)
        return won

    @property
    def convention(self) -> str:
        return f"normaliser from {self.draws} draws of the prior"

    @property
    def warning(self) -> str:
        return self.prior.warning
