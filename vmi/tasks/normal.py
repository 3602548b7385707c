r"""Tasks of Gaussian pairs, whose information is a ratio of determinants."""

import math

import torch
from torch import Generator, Tensor

from vmi.errors import UserError
from vmi.tasks.task import Task

__all__ = ["correlated", "correlation_of", "dense", "gaussian", "normal", "staircase", "two_pair"]


def gaussian(covariance: Tensor, split: int) -> Task:
    r"""Creates the task of a Gaussian vector whose first entries are x and whose others are y.

    .. math:: I(x; y) = \tfrac12 \log \frac{\det C_x \det C_y}{\det C}

    Args:
        covariance: C, positive definite, (Dx + Dy, Dx + Dy), float64.
        split: Dx.
    """
    factor = torch.linalg.cholesky(covariance)
    blocks = covariance[:split, :split], covariance[split:, split:]
    x_part, y_part = (torch.linalg.inv(block) for block in blocks)
    # The margins' quadratic forms less the joint one, in one matrix.
    form = torch.block_diag(x_part, y_part) - torch.linalg.inv(covariance)
    logs = [torch.logdet(block) for block in (*blocks, covariance)]
    information = float(logs[0] + logs[1] - logs[2]) / 2

    def draw(n: int, generator: Generator) -> tuple[Tensor, Tensor]:
        noise = torch.randn(n, len(factor), dtype=torch.float64, generator=generator)
        both = noise @ factor.T
        return both[:, :split], both[:, split:]

    def pointwise(x: Tensor, y: Tensor) -> Tensor:
        both = torch.cat([x, y], 1)
        return information + ((both @ form) * both).sum(1) / 2

    return Task(information, draw, pointwise)


def correlated(dimensions: int, correlation: float, pairs: int | None = None) -> Task:
    r"""Creates the task of standard normal x and y, of which some entries are correlated in pairs.

    .. math:: I(x; y) = -\tfrac{\text{pairs}}{2} \log(1 - \rho^2)

    Args:
        dimensions: Entries of x, and of y.
        correlation: Of x_i with y_i, in the first pairs.
        pairs: How many are correlated; all if None.

    Raises:
        UserError: The correlation is not between -1 and 1, or there are more pairs than entries.
    """
    pairs = dimensions if pairs is None else pairs
    if not -1 < correlation < 1:
        raise UserError(f"a correlation lies between -1 and 1: {correlation}")
    if pairs > dimensions:
        raise UserError(f"{pairs} pairs want at least {pairs} dimensions, not {dimensions}")
    covariance = torch.eye(2 * dimensions, dtype=torch.float64)
    first = torch.arange(pairs)
    covariance[first, dimensions + first] = correlation
    covariance[dimensions + first, first] = correlation
    return gaussian(covariance, dimensions)


def correlation_of(information: float, pairs: int) -> float:
    r"""Returns the correlation that gives so much information, :math:`\sqrt{1 - e^{-2 I / d}}`.

    Raises:
        UserError: The information is negative.
    """
    if information < 0:
        raise UserError(f"no information is negative: {information}")
    return math.sqrt(-math.expm1(-2 * information / pairs))


def normal(*, correlation: float = 0.75) -> Task:
    r"""Creates a bivariate normal pair; I = -log(1 - rho^2) / 2.

    References:
        Czyz et al. (2023), https://arxiv.org/abs/2306.11078
    """
    return correlated(1, correlation)


def dense(*, dimensions: int = 5, correlation: float = 0.5) -> Task:
    r"""Creates normal x and y with the same correlation between any two of all their entries.

    With d entries each, C has the eigenvalues 1 - rho and 1 + (k - 1) rho, k of its entries, so

    .. math:: I(x; y) = \log(1 + (d - 1) \rho)
        - \tfrac12 \log(1 + (2 d - 1) \rho) - \tfrac12 \log(1 - \rho)

    References:
        Czyz et al. (2023), https://arxiv.org/abs/2306.11078
    """
    size = 2 * dimensions
    if not -1 / (size - 1) < correlation < 1:
        raise UserError(f"no {size} entries all have the correlation {correlation}")
    covariance = torch.full((size, size), correlation, dtype=torch.float64)
    return gaussian(covariance.fill_diagonal_(1.0), dimensions)


def two_pair(*, dimensions: int = 3, correlation: float = 0.8) -> Task:
    r"""Creates standard normal x and y, of which two entries each are correlated in pairs.

    The information, -log(1 - rho^2), is the same in any dimension.

    References:
        Czyz et al. (2023), https://arxiv.org/abs/2306.11078
    """
    return correlated(dimensions, correlation, pairs=2)


def staircase(*, information: float = 2.0, dimensions: int = 20) -> Task:
    r"""Creates 20 normal pairs of so much information: a step of the staircase of Poole et al.

    .. math:: x \sim N(0, I_d), \quad y = \rho x + \sqrt{1 - \rho^2} \epsilon, \quad
        \rho^2 = 1 - e^{-2 I / d}

    References:
        Poole et al. (2019), https://arxiv.org/abs/1905.06922
    """
    return correlated(dimensions, correlation_of(information, dimensions))
