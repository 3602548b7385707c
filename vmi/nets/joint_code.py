"""The distribution of a code: a Gaussian block and categories, with samples and divergences."""

from collections.abc import Callable, Sequence

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

__all__ = ["JointCode", "kl_categorical", "kl_gaussian"]


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
        return JointCode(self.gaussian.mean[index], self.scale[index], logits)

    def leading(self, dimensions: int) -> "JointCode":
        """Returns the code with only the first of its Gaussian dimensions, and its categories."""
        mean, scale = self.gaussian.mean, self.gaussian.stddev
        logits = [c.logits for c in self.categoricals]
        return JointCode(mean[..., :dimensions], scale[..., :dimensions], logits)

    @property
    def scale(self) -> Tensor:
        """The standard deviations of the Gaussian block, as given: no root of a square."""
        return self.gaussian.base_dist.scale

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
        return self._assemble(noise, _one_hot)

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

    def _assemble(self, noise: Tensor, choose: Callable[[Tensor], Tensor]) -> Tensor:
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
