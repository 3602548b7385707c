"""A normalizing flow of the codes, by zuko."""

import math
from functools import partial

import torch
from torch import Generator, Tensor

from vmi.errors import NotApplicable, UserError
from vmi.nets.codes import Codes
from vmi.nets.densities import joint_probabilities
from vmi.nets.latents import Latents
from vmi.priors.fitting import CONVENTION, climb, seeded, split
from vmi.priors.prior import Prior

__all__ = ["Flow"]

RATE = 3e-3  # of Adam


class Flow(Prior):
    r"""A neural spline flow of the Gaussian block, given the categories, which have a table.

    .. math:: p(z, c) = \pi_c\, N(f_c(z); 0, I)\, |\det f_c'(z)|, \quad
        \max E_{q(z)} \log p(z|c)

    f is an autoregressive rational-quadratic spline on codes moved and scaled to mean 0 and
    deviation 1; :math:`\pi` are the shares of all combinations of categories in the codes, with one
    code shared out evenly among them.

    Args:
        latents: What a code is made of; it wants a Gaussian block.
        transforms: Autoregressive layers.
        hidden: Units of each of two hidden layers of each of them.
        steps: At most so many.

    Raises:
        NotApplicable: The code has no Gaussian block.
        UserError: zuko is not installed.

    References:
        | Neural Spline Flows (Durkan et al., 2019), https://arxiv.org/abs/1906.04032
        | zuko, https://zuko.readthedocs.io
    """

    def __init__(
        self, latents: Latents, *, transforms: int = 3, hidden: int = 64, steps: int = 2000
    ) -> None:
        super().__init__(latents)
        try:
            from zuko.flows import NSF
        except ImportError as error:
            raise UserError("the prior 'flow' wants zuko: pip install zuko") from error
        if not latents.gaussian:
            raise NotApplicable("a flow wants a Gaussian block, and there is none")
        self.steps, g = steps, latents.gaussian
        sizes = {"transforms": transforms, "hidden_features": (hidden, hidden)}
        self.make = partial(NSF, g, sum(latents.categorical), **sizes)
        self.flow = self.make()
        self.register_buffer("shift", torch.zeros(g))
        self.register_buffer("unit", torch.ones(g))
        values = math.prod(latents.categorical)
        self.register_buffer("log_shares", torch.zeros(values, dtype=torch.float64))

    def fit(self, codes: Codes, generator: Generator) -> None:
        """Fits the flow to posteriors of training images."""
        with seeded(generator):  # made anew, as zuko's modules cannot be initialised again
            self.flow = self.make()
        parts, q = split(codes, generator), codes.posterior
        self.shift = q.gaussian.mean.mean(0).float()
        spread = q.gaussian.mean.var(0, correction=0) + q.scale.square().mean(0)
        self.unit = spread.sqrt().float()
        shares = joint_probabilities(codes).sum(0) + 1 / len(self.log_shares)
        self.log_shares = (shares / shares.sum()).log()
        how = {"steps": self.steps, "learning_rate": RATE}
        climb(self.flow, self._conditional, parts, self.latents, generator, **how)

    @torch.no_grad()
    def sample(self, n: int, generator: Generator) -> Tensor:
        """Draws codes, (n, size)."""
        value = torch.multinomial(self.log_shares.exp(), n, True, generator=generator)
        sizes = self.latents.categorical
        places = torch.unravel_index(value, sizes) if sizes else ()
        one_hots = [torch.eye(k)[i] for k, i in zip(sizes, places, strict=True)]
        given = self.flow(torch.cat(one_hots, 1) if sizes else None)
        noise = torch.randn(n, self.latents.gaussian, generator=generator)
        z = given.transform.inv(noise) * self.unit + self.shift
        return torch.cat([z, *one_hots], 1).double()

    def log_prob(self, z: Tensor, generator: Generator | None = None) -> Tensor:
        """Returns the exact log-density of codes (..., size), (...)."""
        value = torch.zeros(z.shape[:-1], dtype=torch.int64)
        start = self.latents.gaussian
        for k in self.latents.categorical:
            value = value * k + z[..., start : start + k].argmax(-1)
            start += k
        return self._conditional(z).double() + self.log_shares[value]

    def _conditional(self, z: Tensor, generator: Generator | None = None) -> Tensor:
        """log p(z|c) of codes (..., size), (...)."""
        gaussian, one_hot = z.float().tensor_split([self.latents.gaussian], -1)
        given = self.flow(one_hot if self.latents.categorical else None)
        return given.log_prob((gaussian - self.shift) / self.unit) - self.unit.log().sum()

    @property
    def convention(self) -> str:
        """What it was fitted on."""
        return f"neural spline flow, {CONVENTION}"
