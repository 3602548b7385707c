"""The mixture of some of the posteriors themselves."""

import torch
from torch import Generator, Tensor

from vmi.nets.codes import Codes
from vmi.nets.densities import log_aggregate
from vmi.nets.joint_code import JointCode
from vmi.nets.latents import Latents
from vmi.priors.prior import Prior

__all__ = ["Aggregate", "Posteriors"]


class Posteriors(Prior):
    r"""An even mixture of K posteriors.

    .. math:: p(z) = \frac1K \sum_k q_k(z)

    Its blocks are buffers: `mean` and `scale`, (K, G), and the logits of each category, (K, K_i).

    Args:
        latents: What a code is made of.
    """

    def __init__(self, latents: Latents) -> None:
        super().__init__(latents)
        blocks = {"mean": latents.gaussian, "scale": latents.gaussian}
        blocks |= {f"logits_{i}": k for i, k in enumerate(latents.categorical)}
        for name, width in blocks.items():
            self.register_buffer(name, torch.zeros(0, width, dtype=torch.float64))

    def keep(self, q: JointCode) -> None:
        """Takes posteriors, (K,), for its components."""
        self.mean, self.scale = q.gaussian.mean.double(), q.scale.double()
        for i, category in enumerate(q.categoricals):
            setattr(self, f"logits_{i}", category.logits.double())

    @property
    def components(self) -> JointCode:
        """The posteriors, (K,)."""
        logits = [getattr(self, f"logits_{i}") for i in range(len(self.latents.categorical))]
        return JointCode(self.mean, self.scale, logits)

    def sample(self, n: int, generator: Generator) -> Tensor:
        """Draws codes, (n, size), each of a component that is drawn."""
        chosen = torch.randint(len(self.mean), (n,), generator=generator)
        noise = self.latents.draw_noise((n,), generator).double()
        return self.components[chosen].sample_from(noise)

    def log_prob(self, z: Tensor, generator: Generator | None = None) -> Tensor:
        """Returns the exact log-density of codes (..., size), (...)."""
        return log_aggregate(self.components, z.double().flatten(0, -2)).view(z.shape[:-1])


class Aggregate(Posteriors):
    r"""The exact mixture of N posteriors of training images: what a prior can win at all.

    .. math:: p(z) = \frac1N \sum_n q(z|x_n)

    Nothing is learned, and a code costs N densities. On other images it falls short of q(z) where
    the N are too few: their own density is that of N points, each as wide as a posterior.

    Args:
        latents: What a code is made of.
        codes: N, evenly spread over those that there are; all of them where they are fewer.

    References:
        | ELBO surgery (Hoffman & Johnson, 2016)
        | http://approximateinference.org/accepted/HoffmanJohnson2016.pdf
    """

    def __init__(self, latents: Latents, *, codes: int = 1000) -> None:
        super().__init__(latents)
        self.most = codes

    def fit(self, codes: Codes, generator: Generator) -> None:
        """Takes N of the posteriors of training images."""
        self.keep(codes.thinned(self.most).posterior)

    @property
    def convention(self) -> str:
        """N."""
        return f"{len(self.mean)} training codes"
