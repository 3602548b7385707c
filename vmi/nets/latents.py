"""Latent codes: Gaussian, categorical and joint, with their samples, densities and divergences."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import torch
from torch import Tensor
from torch.distributions import (
    Categorical,
    Distribution,
    Independent,
    Normal,
    constraints,
    kl_divergence,
    register_kl,
)

__all__ = ["JointCode", "Latents", "Temperature"]

Schedule = Literal["held", "published"]


@dataclass(frozen=True)
class Temperature:
    r"""The temperature of the Gumbel-softmax relaxation, as a function of the training step.

    .. math:: \tau(t) = \max(\tau_0 e^{-r s}, \tau_{min}), \quad s = p \lfloor t / p \rfloor

    Attributes:
        start: :math:`\tau_0`.
        floor: :math:`\tau_{min}`.
        rate: :math:`r`, per step.
        period: :math:`p`; between its multiples the temperature is held.
        schedule: "held" is the equation above. "published" is what the authors' code does: it
            forgets the new temperature at the next step, so that only the one step after each
            multiple of the period (t mod p = 1) has one that differs from the start.

    References:
        | Categorical Reparameterization with Gumbel-Softmax (Jang et al., 2017)
        | https://arxiv.org/abs/1611.01144
    """

    start: float = 1.0
    floor: float = 0.3
    rate: float = 1.5e-5
    period: int = 1500
    schedule: Schedule = "held"

    def __post_init__(self) -> None:
        """Refuses a schedule that is neither of the two."""
        if self.schedule not in get_args(Schedule):
            raise ValueError(f"schedule={self.schedule!r} is none of {get_args(Schedule)}")

    def __call__(self, step: int) -> float:
        """Returns the temperature at a step, counted from 0."""
        if self.schedule == "published":
            return self._decayed(step) if step % self.period == 1 else self.start
        return self._decayed(step // self.period * self.period)

    def _decayed(self, step: int) -> float:
        return max(self.start * math.exp(-self.rate * step), self.floor)


class JointCode(Distribution):
    r"""Creates the distribution of a joint code: one Gaussian block, then categorical blocks.

    .. math:: q(z, c_1, \dots, c_m) = N(z; \mu, diag(\sigma^2)) \prod_i Cat(c_i; \pi_i)

    A code is one vector, the Gaussian values followed by each category as a one-hot (or, relaxed,
    a point of the simplex), (..., G + K_1 + ... + K_m). Any block may be absent.

    Args:
        mean: (..., G) means; G may be 0.
        scale: (..., G) standard deviations.
        logits: For each categorical block, (..., K_i) unnormalised log-probabilities.
    """

    arg_constraints = {}  # noqa: RUF012 (the name and form that torch asks for)
    support = constraints.independent(constraints.real, 1)
    has_rsample = False  # samples take their noise as an argument

    def __init__(self, mean: Tensor, scale: Tensor, logits: Sequence[Tensor] = ()) -> None:
        self.gaussian = Independent(Normal(mean, scale, validate_args=False), 1)
        self.categoricals = tuple(Categorical(logits=x, validate_args=False) for x in logits)
        size = mean.shape[-1] + sum(x.shape[-1] for x in logits)
        super().__init__(mean.shape[:-1], torch.Size([size]), validate_args=False)

    def __getitem__(self, index) -> "JointCode":
        """Selects from the batch."""
        logits = [c.logits[index] for c in self.categoricals]
        return JointCode(self.gaussian.mean[index], self.gaussian.stddev[index], logits)

    def leading(self, dimensions: int) -> "JointCode":
        """Returns the code with only the first of its Gaussian dimensions, and its categories."""
        mean, scale = self.gaussian.mean, self.gaussian.stddev
        logits = [c.logits for c in self.categoricals]
        return JointCode(mean[..., :dimensions], scale[..., :dimensions], logits)

    @property
    def mean(self) -> Tensor:
        """The Gaussian means followed by the categories' probabilities."""
        return torch.cat([self.gaussian.mean, *(c.probs for c in self.categoricals)], -1)

    def split(self, code: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Splits codes into the Gaussian block and the list of categorical blocks."""
        sizes = [self.gaussian.event_shape[0], *(c.logits.shape[-1] for c in self.categoricals)]
        gaussian, *categoricals = code.split(sizes, -1)
        return gaussian, categoricals

    def log_prob(self, code: Tensor) -> Tensor:
        r"""Returns log q(code) in nats, (...).

        For a relaxed category it is the cross-entropy :math:`\sum_k c_k \log \pi_k`, which is the
        log-probability where c is one-hot.
        """
        gaussian, categoricals = self.split(code)
        total = self.gaussian.log_prob(gaussian)
        for category, one_hot in zip(self.categoricals, categoricals, strict=True):
            total = total + (one_hot * category.logits).sum(-1)
        return total

    def entropy(self) -> Tensor:
        """Returns the entropy in nats, differential for the Gaussian block, (...)."""
        return self.gaussian.entropy() + sum(c.entropy() for c in self.categoricals)

    def sample_from(self, noise: Tensor) -> Tensor:
        r"""Returns exact samples, one-hot in each category: argmax of logits + Gumbel noise.

        Args:
            noise: (..., G + K) from `Latents.draw_noise`.
        """
        return self._assemble(noise, lambda scores: _one_hot(scores))

    def relaxed_sample(self, noise: Tensor, temperature: float, hard: bool = False) -> Tensor:
        r"""Returns differentiable samples, :math:`softmax((logits + gumbel) / \tau)` a category.

        Args:
            noise: (..., G + K) from `Latents.draw_noise`.
            temperature: :math:`\tau > 0`.
            hard: Straight-through: one-hot values with the relaxed sample's gradient.
        """

        def relax(scores: Tensor) -> Tensor:
            soft = (scores / temperature).softmax(-1)
            return _one_hot(soft) + soft - soft.detach() if hard else soft

        return self._assemble(noise, relax)

    def _assemble(self, noise: Tensor, choose) -> Tensor:
        normal, gumbels = self.split(noise)
        gaussian = self.gaussian.mean + self.gaussian.stddev * normal
        chosen = [choose(c.logits + g) for c, g in zip(self.categoricals, gumbels, strict=True)]
        return torch.cat([gaussian, *chosen], -1)


@register_kl(JointCode, JointCode)
def _kl_joint(q: JointCode, p: JointCode) -> Tensor:
    return kl_gaussian(q, p) + kl_categorical(q, p)


def kl_gaussian(q: JointCode, p: JointCode) -> Tensor:
    """Returns KL(q || p) of the Gaussian blocks in nats, (...)."""
    return kl_divergence(q.gaussian, p.gaussian)


def kl_categorical(q: JointCode, p: JointCode) -> Tensor:
    """Returns KL(q || p) of the categorical blocks in nats, (...), finite where p has full support.

    Written out because torch's own for categories assigns in place, which `vmap` refuses.
    """
    pairs = zip(q.categoricals, p.categoricals, strict=True)
    terms = [(a.probs * (a.logits - b.logits)).sum(-1) for a, b in pairs]
    return sum(terms, start=torch.zeros_like(q.gaussian.mean.sum(-1)))


def _one_hot(scores: Tensor) -> Tensor:
    """One-hot of the largest score; written so that `vmap` takes it."""
    return torch.zeros_like(scores).scatter(-1, scores.argmax(-1, keepdim=True), 1.0)


@dataclass(frozen=True)
class Latents:
    """What a code is made of, and how it is sampled while training.

    Attributes:
        gaussian: Number of Gaussian dimensions; prior N(0, I).
        categorical: Number of values of each categorical variable; prior uniform.
        informed: How many leading Gaussian dimensions, besides all the categories, the
            mutual-information term of VMI-VAE and its bound speak of.
        temperature: Of the Gumbel-softmax relaxation.
        hard: Straight-through one-hots while training, instead of relaxed samples.

    Example:
        >>> latents = Latents(gaussian=2, categorical=(10,))
        >>> latents.size, latents.outputs
        (12, 14)
    """

    gaussian: int = 8
    categorical: tuple[int, ...] = ()
    informed: int = 0
    temperature: Temperature = field(default_factory=Temperature)
    hard: bool = False

    def __post_init__(self) -> None:
        """Refuses codes of nothing and a choice of dimensions that are not there.

        Raises:
            ValueError: No dimension at all, a category of one value, too many informed.
        """
        if not self.gaussian and not self.categorical:
            raise ValueError("a code needs at least one Gaussian or categorical variable")
        if any(k < 2 for k in self.categorical):
            raise ValueError("a categorical variable needs at least 2 values")
        if not 0 <= self.informed <= self.gaussian:
            raise ValueError(f"informed={self.informed} is not between 0 and {self.gaussian}")

    @property
    def size(self) -> int:
        """The length of a code vector."""
        return self.gaussian + sum(self.categorical)

    @property
    def outputs(self) -> int:
        """How many numbers a network must give to describe a posterior."""
        return 2 * self.gaussian + sum(self.categorical)

    @property
    def chosen(self) -> "Latents":
        """The chosen components: the informed Gaussian dimensions and every category."""
        return Latents(self.informed, self.categorical, self.informed)

    def choose(self, code: Tensor) -> Tensor:
        """Selects the chosen components of codes, (..., size) to (..., chosen.size)."""
        return torch.cat([code[..., : self.informed], code[..., self.gaussian :]], -1)

    def distribution(self, outputs: Tensor) -> JointCode:
        """Creates the distribution that a network's outputs, (..., outputs), describe.

        The first G are means, the next G logarithms of variances, the rest logits.
        """
        sizes = [self.gaussian, self.gaussian, *self.categorical]
        mean, log_variance, *logits = outputs.split(sizes, -1)
        return JointCode(mean, (log_variance / 2).exp(), logits)

    def prior(self, like: Tensor) -> JointCode:
        """Creates the prior with the batch shape, device and type of codes or means `like`.

        Not by `zeros_like`: under `vmap` the seeds then share one prior instead of having copies.
        """
        shape = (*like.shape[:-1], self.size)
        zeros = torch.zeros(shape, dtype=like.dtype, device=like.device)
        gaussian, *logits = zeros.split([self.gaussian, *self.categorical], -1)
        return JointCode(gaussian, torch.ones_like(gaussian), logits)

    def draw_noise(self, shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
        """Draws what a sample needs, (*shape, size): normals, then standard Gumbels."""
        normal = torch.randn(*shape, self.gaussian, generator=generator)
        exponential = torch.empty(*shape, self.size - self.gaussian)
        exponential.exponential_(generator=generator)
        return torch.cat([normal, -exponential.log()], -1)
