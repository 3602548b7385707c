"""The VampPrior: a mixture of the posteriors of images that are learned."""

import torch
from torch import Generator, Tensor, nn

from vmi.nets.codes import Codes
from vmi.nets.densities import log_aggregate
from vmi.nets.joint_code import JointCode
from vmi.nets.latents import Latents
from vmi.priors.aggregate import Posteriors
from vmi.priors.fitting import CONVENTION, climb, split

__all__ = ["Vamp"]


class Vamp(Posteriors):
    r"""A mixture of the posteriors of K learned images (variational mixture of posteriors).

    .. math:: p(z) = \frac1K \sum_k q(z|u_k), \quad \max_u E_{q(z)} \log p(z)

    The authors learn the images together with the model; here the model is frozen, and they move
    alone, through its encoder. They begin at decoded means of training codes, and stay between the
    darkest and the brightest pixel of those. What is kept are their posteriors.

    Args:
        latents: What a code is made of.
        components: K, at most as many as there are training codes.
        steps: At most so many.
        learning_rate: Adam's, of pixels.

    References:
        | VAE with a VampPrior (Tomczak & Welling, 2018), https://arxiv.org/abs/1705.07120
    """

    def __init__(
        self,
        latents: Latents,
        *,
        components: int = 500,
        steps: int = 1000,
        learning_rate: float = 0.01,
    ) -> None:
        super().__init__(latents)
        self.count, self.steps, self.learning_rate = components, steps, learning_rate

    def fit(self, codes: Codes, generator: Generator, model: nn.Module) -> None:
        """Learns images whose posteriors by the frozen model mix to that of the codes."""
        parts = split(codes, generator)
        images = _Images(model, parts.fit[: self.count].mean)

        def objective(z: Tensor, generator: Generator) -> Tensor:
            return log_aggregate(images.posteriors(), z)

        how = {"steps": self.steps, "learning_rate": self.learning_rate}
        climb(images, objective, parts, self.latents, generator, **how)
        with torch.no_grad():
            self.keep(images.posteriors())

    @property
    def convention(self) -> str:
        """K, and what it was fitted on."""
        return f"{len(self.mean)} learned images, {CONVENTION}"


class _Images(nn.Module):
    """Images that can move, and the frozen model that encodes them."""

    def __init__(self, model: nn.Module, codes: Tensor) -> None:
        super().__init__()
        self.encoder = [model.encoder]  # in a list, so that its parameters are not among those here
        like = next(model.parameters(), codes)
        with torch.no_grad():
            images = model.decoder(codes.to(like)).mean
        self.low, self.high = float(images.min()), float(images.max())
        self.images = nn.Parameter(images)

    def posteriors(self) -> JointCode:
        """Returns q(z|u_k), (K,), in float64."""
        q = self.encoder[0](self.images.clamp(self.low, self.high))
        logits = [c.logits.double() for c in q.categoricals]
        return JointCode(q.gaussian.mean.double(), q.scale.double(), logits)
