r"""log p(x) between two stochastic bounds: annealed importance sampling, forwards and backwards."""

from dataclasses import dataclass
from functools import partial
from typing import Literal, get_args

import torch
from torch import Tensor, nn

from vmi.errors import NotApplicable
from vmi.estimate import Estimate, mean_estimate
from vmi.likelihood.bounds import gain, log_mean_weights, said
from vmi.likelihood.hamiltonian import adapt, anneal, schedule
from vmi.likelihood.summed import every_category, log_p_summed
from vmi.priors.prior import Prior
from vmi.priors.standard import Standard

__all__ = ["Bridge", "Walk", "ais", "bdmc", "simulate"]

PIXELS = 4_000_000  # decoded at a time, with what their gradient needs

Start = Literal["prior", "encoder"]


def ais(
    model: nn.Module,
    images: Tensor,
    generator: torch.Generator,
    prior: Prior | None = None,
    *,
    temperatures: int = 200,
    chains: int = 4,
    leapfrogs: int = 3,
    most: int = 100,
    start: Start = "prior",
) -> Estimate:
    r"""Returns a stochastic lower bound on log p(x) that needs no good encoder, in nats an image.

    .. math::
        E \log \frac1C \sum_{i=1}^C w_i \le \log p(x), \quad
        \log w = \sum_{t=0}^{T-1} (b_{t+1} - b_t) \log \frac{p(x|z_t) p(z_t)}{q_0(z_t)}

    A chain walks from :math:`z_0 \sim q_0`, the prior or q(z|x), to p(z|x) along
    :math:`q_0^{1-b} p(x, z)^b`, b sigmoidal from 0 to 1, by Hamiltonian Monte Carlo in the Gaussian
    block; categories are summed out. E w = p(x) exactly: step sizes are adapted to 80% acceptance,
    by image and temperature, in a run of their own and then kept. The bound grows with T and with
    the chains. With one temperature there is no walk, and it is importance sampling from
    :math:`q_0`.

    The standard error is that of the mean over images; `ess` is the mean effective number of
    chains, :math:`(\sum w)^2 / \sum w^2`.

    Args:
        model: In evaluation mode, its parameters frozen.
        images: (N, C, H, W) as the model's likelihood wants them.
        generator: Of the chains.
        prior: In place of that of the training; its density must be exact.
        temperatures: T. An image costs 2 T x chains x leapfrogs gradients of the decoder, times
            the values of the categories.
        chains: C, of each image.
        leapfrogs: Steps of each Hamiltonian transition.
        most: How many images, the first ones; compare with another bound on the same images.
        start: :math:`q_0`: "prior", or "encoder" for fewer temperatures where q(z|x) covers p(z|x).

    Raises:
        NotApplicable: The code has no Gaussian block, or more than 256 values of all categories; or
            the density of the prior is an estimate.
        ValueError: The start is neither of the two.

    References:
        | Annealed Importance Sampling (Neal, 2001), https://arxiv.org/abs/physics/9803008
        | On the Quantitative Analysis of Decoder-Based Generative Models (Wu et al., 2017)
        | https://arxiv.org/abs/1611.04273
    """
    walk, x = Walk(temperatures, chains, leapfrogs, start), images[:most]
    _, log_w = _forward(Bridge(model, x, start, prior), walk, generator)
    bound, ess = _mean(log_w)
    about = said(prior, f"{walk.convention}, the first {len(x)} images")
    return mean_estimate(bound, bound="lower", ess=ess, **about)


def bdmc(
    model: nn.Module,
    images: Tensor,
    generator: torch.Generator,
    prior: Prior | None = None,
    *,
    temperatures: int = 200,
    chains: int = 4,
    leapfrogs: int = 3,
    most: int = 100,
    start: Start = "prior",
) -> list[Estimate]:
    r"""Returns log p(x) of images that the model itself makes, bracketed, in nats an image.

    .. math:: z \sim p(z),\ x \sim p(x|z): \quad E \log \frac1C \sum w \le E \log p(x)
        \le -E \log \frac1C \sum v

    z is then an exact sample of p(z|x), from which annealing can run backwards: :math:`E\, v = 1 /
    p(x)`. The two meet as the temperatures grow, so `gap` bounds how far `ais` of the same
    settings is from log p(x), as far as the model's own images are like the real ones.

    - the whole: the upper bound.
    - `lower`: `ais` on the same simulated images.
    - `gap`: the difference, with the standard error of the paired difference.

    `ess` of the whole is of the backward chains, which all begin at the one exact sample.

    Args:
        model: In evaluation mode, its parameters frozen.
        images: Only their number, and their type and device, matter.
        generator: Of the simulated images and the chains.
        prior: In place of that of the training; its density must be exact.
        temperatures: As in `ais`, which takes two thirds of the time.
        chains: As in `ais`.
        leapfrogs: As in `ais`.
        most: How many images are simulated, at most.
        start: As in `ais`.

    Raises:
        NotApplicable: The code has no Gaussian block, or more than 256 values of all categories; or
            the density of the prior is an estimate.
        ValueError: The start is neither of the two.

    References:
        | Sandwiching the Marginal Likelihood Using Bidirectional Monte Carlo (Grosse et al., 2015)
        | https://arxiv.org/abs/1511.02543
    """
    walk = Walk(temperatures, chains, leapfrogs, start)
    x, code = simulate(model, images[:most], generator, prior)
    bridge = Bridge(model, x, start, prior)
    sizes, log_w = _forward(bridge, walk, generator)
    lower, lower_ess = _mean(log_w)
    inverse, upper_ess = _mean(_backward(bridge, walk, sizes, code, generator))
    about = said(prior, f"{walk.convention}, images drawn from the model")
    return [
        mean_estimate(-inverse, bound="upper", ess=upper_ess, **about),
        mean_estimate(lower, "lower", "lower", ess=lower_ess, **about),
        mean_estimate(-inverse - lower, "gap", "upper", **about),
    ]


@torch.no_grad()
def simulate(
    model: nn.Module, like: Tensor, generator: torch.Generator, prior: Prior | None = None
) -> tuple[Tensor, Tensor]:
    """Draws images x ~ p(x|z) of codes z ~ p(z), as many as there are `like`, and returns both.

    Given x, the code (N, size) is an exact sample of p(z|x).
    """
    z = (prior or Standard(model.latents)).sample(len(like), generator).to(like)
    with torch.random.fork_rng(devices=[]):  # torch's distributions take no generator
        torch.manual_seed(int(torch.randint(2**62, (), generator=generator)))
        return model.decoder(z).sample(), z


@dataclass(frozen=True)
class Walk:
    """How long and how wide a walk from q_0 to the posterior is; see `ais`."""

    temperatures: int
    chains: int
    leapfrogs: int
    start: Start

    def __post_init__(self) -> None:
        """Refuses a start that is neither of the two."""
        if self.start not in get_args(Start):
            raise ValueError(f"start={self.start!r} is none of {get_args(Start)}")

    @property
    def convention(self) -> str:
        """The settings that a reader needs to compare the number with another's."""
        walk = f"{self.temperatures} temperatures, {self.chains} chains of HMC-{self.leapfrogs}"
        return f"{walk} from the {self.start}"


class Bridge:
    r"""The log-ratio of p(x, z) to q_0(z) in coordinates where q_0 is N(0, I), with its gradient.

    .. math:: r(u) = \log \frac{p(x|z) p(z)}{q_0(z)}, \quad z = \mu + \sigma u

    Args:
        model: In evaluation mode.
        x: N images.
        start: What q_0 = N(mu, sigma^2) is; "prior" is N(0, I), whatever p(z) is.
        prior: p(z), in place of that of the training.

    Raises:
        NotApplicable: The code has no Gaussian block, or more than 256 values of all categories; or
            the density of the prior is an estimate.
    """

    def __init__(
        self, model: nn.Module, x: Tensor, start: Start, prior: Prior | None = None
    ) -> None:
        if not model.latents.gaussian:
            raise NotApplicable("the code has no Gaussian block to anneal; iwae-summed is exact")
        if prior is not None and prior.bound != "exact":
            raise NotApplicable("annealing wants a prior whose density is exact, not an estimate")
        self.won = partial(gain, prior, generator=torch.Generator())
        self.model, self.x, self.values = model, x, every_category(model.latents).to(x)
        with torch.no_grad():
            q = model.encoder(x)
            q = q if start == "encoder" else model.latents.prior(q.mean)
        self.mean, self.scale = q.gaussian.mean.double(), q.gaussian.stddev.double()

    def __call__(self, u: Tensor) -> tuple[Tensor, Tensor]:
        """Returns r(u), (chains, N), and its gradient, of u (chains, N, G)."""
        rows = torch.arange(len(self.x), device=u.device).repeat(len(u))
        size = max(1, PIXELS // (self.x[0].numel() * len(self.values)))
        parts = zip(u.flatten(0, 1).split(size), rows.split(size), strict=True)
        values, slopes = zip(*(self._part(*part) for part in parts), strict=True)
        return torch.cat(values).view(u.shape[:2]), torch.cat(slopes).view(u.shape)

    def draw(self, chains: int, generator: torch.Generator) -> Tensor:
        """Draws u of z ~ q_0, (chains, N, G)."""
        shape = (chains, *self.mean.shape)
        return torch.randn(shape, generator=generator, dtype=torch.float64).to(self.mean)

    def at(self, code: Tensor, chains: int) -> Tensor:
        """Returns u of the Gaussian block of codes (N, size), the same for every chain."""
        z = code[:, : self.mean.shape[1]].double()
        return ((z - self.mean) / self.scale).expand(chains, -1, -1)

    def _part(self, u: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        mean, scale, x = self.mean[rows], self.scale[rows], self.x[rows]
        with torch.enable_grad():
            u = u.detach().requires_grad_()
            z = mean + scale * u
            log_p = log_p_summed(self.model, x, z.to(x), self.values, self.won)
            value = log_p + ((u**2 - z**2) / 2 + scale.log()).sum(-1)
            (slope,) = torch.autograd.grad(value.sum(), u)
        return value.detach(), slope


def _forward(bridge: Bridge, walk: Walk, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Adapts the steps in a run of their own; returns them, and the log-weights (chains, N)."""
    path, leapfrogs = schedule(walk.temperatures).to(bridge.mean), walk.leapfrogs
    pilot = bridge.draw(walk.chains, generator)
    sizes = adapt(bridge, pilot, path, generator, leapfrogs=leapfrogs)
    u = bridge.draw(walk.chains, generator)
    return sizes, anneal(bridge, u, path, sizes, generator, leapfrogs=leapfrogs)


def _backward(
    bridge: Bridge, walk: Walk, sizes: Tensor, code: Tensor, generator: torch.Generator
) -> Tensor:
    """Returns the log-weights of 1 / p(x), (chains, N), from exact samples of the posterior."""
    path, u = schedule(walk.temperatures).to(bridge.mean).flip(0), bridge.at(code, walk.chains)
    return anneal(bridge, u, path, sizes.flip(0), generator, leapfrogs=walk.leapfrogs)


def _mean(log_w: Tensor) -> tuple[Tensor, float]:
    """The logarithm of the mean weight of each image, (N,), and the mean effective size."""
    bound, sizes = log_mean_weights([log_w[0]], len(log_w), lambda _: [log_w])
    return bound, float(sizes.mean())
