"""Tasks that are not Gaussian: heavy tails, and bounded noise."""

import math

import torch
from torch import Generator, Tensor

from vmi.errors import UserError
from vmi.tasks.task import Task

__all__ = ["additive_noise", "student", "student_entropy"]


def student(*, dof: int = 1, dimensions: int = 1) -> Task:
    r"""Creates a multivariate Student vector with identity dispersion, split into x and y.

    x and y are uncorrelated, and depend on each other through their common scale alone. With h(k)
    the differential entropy of k entries, which holds all that depends on the degrees of freedom v,

    .. math:: I(x; y) = 2 h(d) - h(2 d), \quad
        h(k) = \log \frac{\Gamma(v/2) (v \pi)^{k/2}}{\Gamma((v + k)/2)}
        + \tfrac{v + k}{2} \left(\psi(\tfrac{v + k}{2}) - \psi(\tfrac v2)\right)

    Args:
        dof: v; the variance is infinite for 1 and 2.
        dimensions: d, the entries of x, and of y.

    References:
        Arellano-Valle et al. (2013), https://doi.org/10.1111/j.1467-9469.2011.00774.x
        Czyz et al. (2023), https://arxiv.org/abs/2306.11078
    """

    def draw(n: int, generator: Generator) -> tuple[Tensor, Tensor]:
        noise = torch.randn(n, 2 * dimensions + dof, dtype=torch.float64, generator=generator)
        scale = (noise[:, 2 * dimensions :].square().mean(1, keepdim=True)).sqrt()
        both = noise[:, : 2 * dimensions] / scale
        return both[:, :dimensions], both[:, dimensions:]

    def pointwise(x: Tensor, y: Tensor) -> Tensor:
        both = torch.cat([x, y], 1)
        return _student_log_prob(both, dof) - _student_log_prob(x, dof) - _student_log_prob(y, dof)

    information = 2 * student_entropy(dimensions, dof) - student_entropy(2 * dimensions, dof)
    return Task(information, draw, pointwise)


def additive_noise(*, width: float = 0.75) -> Task:
    r"""Creates x ~ U(0, 1) and y = x + U(-e, e), bounded noise of half-width e.

    y given x has the entropy :math:`\log 2 e` and y a trapezoid for its density, whence

    .. math:: I(x; y) = \begin{cases} e - \log 2 e & e < 1/2 \\ 1 / (4 e) & e \ge 1/2 \end{cases}

    References:
        Czyz et al. (2023), https://arxiv.org/abs/2306.11078

    Raises:
        UserError: The half-width is not positive.
    """
    if width <= 0:
        raise UserError(f"the noise has a positive half-width, not {width}")

    def draw(n: int, generator: Generator) -> tuple[Tensor, Tensor]:
        uniform = torch.rand(n, 2, dtype=torch.float64, generator=generator)
        x, noise = uniform.split(1, 1)
        return x, x + width * (2 * noise - 1)

    def pointwise(x: Tensor, y: Tensor) -> Tensor:
        # p(y) = |[0, 1] and [y - e, y + e]| / 2 e, and p(y|x) = 1 / 2 e
        overlap = (y + width).clamp(max=1) - (y - width).clamp(min=0)
        return -overlap.log().squeeze(1)

    return Task(width - math.log(2 * width) if width < 0.5 else 1 / (4 * width), draw, pointwise)


def _student_log_prob(x: Tensor, dof: int) -> Tensor:
    half = (dof + x.shape[1]) / 2
    return -half * torch.log1p(x.square().sum(1) / dof) - _student_volume(x.shape[1], dof)


def student_entropy(k: int, dof: int) -> float:
    """Returns the differential entropy of k entries, with identity dispersion, in nats."""
    half = torch.tensor([dof + k, dof], dtype=torch.float64) / 2
    above, base = torch.digamma(half).tolist()
    return _student_volume(k, dof) + (dof + k) / 2 * (above - base)


def _student_volume(k: int, dof: int) -> float:
    """The logarithm of what the density's kernel integrates to."""
    gammas = math.lgamma(dof / 2) - math.lgamma((dof + k) / 2)
    return gammas + k / 2 * math.log(dof * math.pi)
