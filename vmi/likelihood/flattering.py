"""The likelihood under a tilted prior as it is often reported: no bound, and too high."""

import math

import torch
from torch import Generator, Tensor, nn

from vmi.errors import NotApplicable
from vmi.estimate import Estimate, mean_estimate
from vmi.likelihood.bounds import batch, log_mean_weights, log_weights, said
from vmi.priors.prior import Prior
from vmi.priors.tilted import Tilted

__all__ = ["iwae_flattering"]

OF_CONTEXT = 500  # draws of the prior for each context
FLATTERS = "no bound: the normaliser is estimated, and its logarithm comes out too low on average"


@torch.no_grad()
def iwae_flattering(
    model: nn.Module,
    images: Tensor,
    generator: torch.Generator,
    prior: Prior,
    *,
    k: int = 100,
    draws: int = 5000,
) -> list[Estimate]:
    r"""Returns the plug-in estimate of log p(x) under a tilted prior, in nats an image.

    .. math::
        E \log \frac1k \sum_{i=1}^k \frac{p(x|z_i) p(z_i) r(z_i)}{\hat Z\, q(z_i|x)}, \quad
        \hat Z = \frac1S \sum_{s=1}^S r(z_s), \quad z_s \sim p

    Of a code with groups, :math:`\hat Z_k(z_{<k})` of each group below the top is one of its
    context, from 500 draws for each. By Jensen :math:`E \log \hat Z \le \log Z`, so that on
    average this is above the bound on the density :math:`r p / Z`, and that is not the density of
    any sampler with finitely many proposals. `iwae` is a bound under the same prior; what this says
    beyond that flatters, and is its part `excess`: the difference from `iwae` on the same samples.

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
    seeds = torch.randint(2**62, (2,), generator=generator).tolist()

    def weighed(density: Prior) -> Tensor:
        """The logarithm of the mean weight of each image, of the same samples for every density."""
        noise = Generator().manual_seed(seeds[0])
        parts = images.split(batch(images, k))
        return log_mean_weights(parts, k, lambda x: log_weights(model, x, k, noise, density))[0]

    plug_in = _PlugIn(prior, draws, Generator().manual_seed(seeds[1]))
    flatters, bound = weighed(plug_in), weighed(_Apart(prior, Generator().manual_seed(seeds[1])))
    about = said(plug_in, f"{k} samples of the encoder an image")
    excess = mean_estimate(flatters - bound, "excess", **said(prior, about["convention"]))
    about["warning"] = "; ".join(filter(None, (about["warning"], FLATTERS)))
    return [mean_estimate(flatters, **about), excess]


class _Apart(Prior):
    """A tilted prior whose proposals come from a generator of their own."""

    def __init__(self, prior: Tilted, noise: Generator) -> None:
        super().__init__(prior.latents)
        self.prior, self.noise = prior, noise

    def gain(self, z: Tensor, generator: Generator) -> Tensor:
        return self.prior.gain(z, self.noise)


class _PlugIn(_Apart):
    """A tilted prior whose normaliser is what some draws say that it is."""

    def __init__(self, prior: Tilted, draws: int, noise: Generator) -> None:
        super().__init__(prior, noise)
        self.draws = draws
        self.log_z = float(prior.weigh(draws, noise).logsumexp(0)) - math.log(draws)

    def gain(self, z: Tensor, generator: Generator) -> Tensor:
        won = self.prior.log_weight(z) - self.log_z
        for group in range(1, self.prior.groups):
            total = self.prior.log_sum(z, OF_CONTEXT, self.noise, group)
            won = won - total + math.log(OF_CONTEXT)
        return won

    @property
    def convention(self) -> str:
        return f"normaliser from {self.draws} draws of the prior"

    @property
    def warning(self) -> str:
        return self.prior.warning
