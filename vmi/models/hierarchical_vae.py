"""The hierarchical VAE, whose code has groups, each drawn given those above it."""

from dataclasses import replace

from torch import nn

from vmi.models.vae import VAE
from vmi.nets.top_down import TopDown

__all__ = ["HierarchicalVAE"]


class HierarchicalVAE(VAE):
    r"""Creates a VAE whose Gaussian code has groups, from the top down.

    .. math::
        p(z) = \prod_k N(z_k; \mu_k(z_{<k}), \sigma_k^2(z_{<k})), \quad
        q(z|x) = \prod_k N(z_k; \mu_k + \sigma_k\, m_k(x), \sigma_k^2\, s_k^2(x))

    The posterior is said relative to the prior, as the residual normals of Vahdat & Kautz, with
    differences in units of the prior. The code that is stored and measured is
    :math:`e_k = (z_k - \mu_k(z_{<k})) / \sigma_k(z_{<k})`, one for one with z and normal under the
    prior: :math:`e \sim N(0, I)` and :math:`q(e|x) = N(m(x), s^2(x))`. So the loss is the VAE's,
    and its rate is exact. Information, likelihood, KL(q(z) || p(z)) and the weights
    :math:`r_k(z_k | z_{<k}) = q(z_k | z_{<k}) / p(z_k | z_{<k})` are the same of e as of z; what
    speaks of single dimensions speaks of what a group adds to those above it.

    Here :math:`m_k` and :math:`s_k` see the image alone, where those of Vahdat & Kautz see
    :math:`z_{<k}` too: q(z) is then a mixture of known densities, and what a prior can win is
    known. The price is a posterior that is less flexible.

    Args:
        groups: How many, of sizes as even as can be.
        hidden: Units of each map from the groups above to the next.

    Raises:
        ValueError: There are fewer Gaussian dimensions than groups, or fewer than two groups.

    References:
        | Ladder Variational Autoencoders (Sønderby et al., 2016), https://arxiv.org/abs/1602.02282
        | NVAE: A Deep Hierarchical Variational Autoencoder (Vahdat & Kautz, 2020)
        | https://arxiv.org/abs/2007.03898
    """

    def __init__(self, *args, groups: int = 2, hidden: int = 64, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        gaussian = self.latents.gaussian
        if not 2 <= groups <= gaussian:
            raise ValueError(f"{gaussian} Gaussian dimensions make no {groups} groups (2 or more)")
        sizes = tuple(gaussian * (k + 1) // groups - gaussian * k // groups for k in range(groups))
        self.latents = replace(self.latents, groups=sizes)
        self.decoder.net = nn.Sequential(TopDown(sizes, hidden), self.decoder.net)
