r"""Tasks of conditional independence: where x and y are independent given z, and where not.

In all, s is the sum of the columns of z over :math:`\sqrt{d}`, a standard normal number, so that z
of any dimension tells as much.
"""

import math

import numpy as np
import torch
from torch import Generator, Tensor

from vmi.errors import UserError
from vmi.tasks.tails import student_entropy
from vmi.tasks.triple import Triple

__all__ = [
    *("chain", "collider", "common_cause", "direct", "discrete", "discrete_common_cause"),
    *("heavy", "heavy_common_cause", "independent", "mixed", "mixed_common_cause"),
    *("quadratic_common_cause", "sign"),
]

Drawn = tuple[Tensor, Tensor, Tensor]

CLASSES, FLIP = 4, 0.35  # of z, and how often a discrete y is not x
STEP = 1.0  # of the mean of y between the two classes of a mixed x


def independent() -> Triple:
    """Creates normal x and y that are independent, with no z."""
    return direct(correlation=0.0)


def direct(*, dimensions: int = 0, correlation: float = 0.4) -> Triple:
    r"""Creates x = s + u and y = s + v, with normal u and v that are correlated.

    .. math:: I(x; y \mid z) = -\tfrac12 \ln(1 - \rho^2)

    Args:
        dimensions: Columns of z; with none, x = u and y = v.
        correlation: Of u and v, so the partial correlation of x and y.

    Raises:
        UserError: The correlation is not between -1 and 1.
    """
    _check(correlation)

    def draw(n: int, generator: Generator) -> Drawn:
        z, s = _cause(n, dimensions, generator)
        u, v = _correlated(n, correlation, generator)
        return s + u, s + v, z

    return Triple(_normal_information(correlation), draw)


def common_cause(*, dimensions: int = 1) -> Triple:
    """Creates x <- z -> y, x = s + u and y = s + v: independent given z, and dependent without.

    The correlation without z is one half.
    """
    return direct(dimensions=max(1, dimensions), correlation=0.0)


def quadratic_common_cause(*, dimensions: int = 1) -> Triple:
    r"""Creates :math:`x = s^2 + u / 2` and :math:`y = s^2 + v / 2`: independent given z.

    What is linear in z explains nothing of x or y, so that partial correlations see dependence.
    """

    def draw(n: int, generator: Generator) -> Drawn:
        z, s = _cause(n, dimensions, generator)
        u, v = _correlated(n, 0.0, generator)
        return s**2 + u / 2, s**2 + v / 2, z

    return Triple(0.0, draw)


def chain(*, correlation: float = 0.8) -> Triple:
    """Creates x -> z -> y, normal, with a correlation at each step: independent given z."""
    _check(correlation)
    rest = math.sqrt(1 - correlation**2)

    def draw(n: int, generator: Generator) -> Drawn:
        x, a, b = _normal(n, 3, generator).split(1, 1)
        z = correlation * x + rest * a
        return x, correlation * z + rest * b, z

    return Triple(0.0, draw)


def collider(*, noise: float = 1.0) -> Triple:
    r"""Creates x -> z <- y, z = x + y + noise: independent, and dependent given z alone.

    Given z, x and y have the correlation :math:`-1 / (1 + \sigma^2)`.

    Raises:
        UserError: The noise is not positive.
    """
    if noise <= 0:
        raise UserError(f"the noise has a positive deviation, not {noise}")

    def draw(n: int, generator: Generator) -> Drawn:
        x, y, e = _normal(n, 3, generator).split(1, 1)
        return x, y, x + y + noise * e

    return Triple(_normal_information(1 / (1 + noise**2)), draw)


def sign(*, correlation: float = 0.6) -> Triple:
    r"""Creates :math:`y = \rho\, \mathrm{sign}(z)\, x + \sqrt{1 - \rho^2}\, e`: no correlation.

    Given the sign of z, x and y are normal with the correlation plus or minus :math:`\rho`, so that
    :math:`I(x; y \mid z) = -\tfrac12 \ln(1 - \rho^2)`; no partial correlation sees it.
    """
    _check(correlation)

    def draw(n: int, generator: Generator) -> Drawn:
        x, z, e = _normal(n, 3, generator).split(1, 1)
        return x, correlation * z.sign() * x + math.sqrt(1 - correlation**2) * e, z

    return Triple(_normal_information(correlation), draw)


def heavy_common_cause(*, dof: int = 1) -> Triple:
    """Creates x = z + u and y = z + v, all three of Student's t: independent given z.

    Args:
        dof: Degrees of freedom; with 1 they are Cauchy's and have no mean.
    """

    def draw(n: int, generator: Generator) -> Drawn:
        z, u, v = (_student(n, dof, generator) for _ in range(3))
        return z + u, z + v, z

    return Triple(0.0, draw)


def heavy(*, dof: int = 1) -> Triple:
    r"""Creates x, y and z of a multivariate Student distribution without correlation.

    They depend on each other through their common scale. With h(k) the entropy of k of them,

    .. math:: I(x; y \mid z) = 2 h(2) - h(1) - h(3)

    References:
        Arellano-Valle et al. (2013), https://doi.org/10.1111/j.1467-9469.2011.00774.x
    """

    def draw(n: int, generator: Generator) -> Drawn:
        scale = _normal(n, dof, generator).square().mean(1, keepdim=True).sqrt()
        x, y, z = (_normal(n, 3, generator) / scale).split(1, 1)
        return x, y, z

    one, two, three = (student_entropy(k, dof) for k in (1, 2, 3))
    return Triple(2 * two - one - three, draw)


def discrete_common_cause() -> Triple:
    """Creates z of four even classes, x and y of two each, likelier 1 the larger z is.

    P(x = 1 | z) = P(y = 1 | z) = (z + 1) / 5: independent given z.
    """

    def draw(n: int, generator: Generator) -> Drawn:
        z = torch.randint(CLASSES, (n, 1), generator=generator)
        x, y = ((_uniform(n, generator) < (z + 1) / 5).long() for _ in range(2))
        return x, y, z

    return Triple(0.0, draw)


def discrete(*, flip: float = FLIP) -> Triple:
    r"""Creates z of four even classes, x a coin, and y = x + z mod 2 but for flips.

    Given z, y is x through a binary symmetric channel:
    :math:`I(x; y \mid z) = \ln 2 + f \ln f + (1 - f) \ln(1 - f)`. Without z they are independent.

    Raises:
        UserError: The share of flips is not between 0 and 1.
    """
    if not 0 < flip < 1:
        raise UserError(f"a share of flips lies between 0 and 1: {flip}")

    def draw(n: int, generator: Generator) -> Drawn:
        z = torch.randint(CLASSES, (n, 1), generator=generator)
        x = torch.randint(2, (n, 1), generator=generator)
        return x, (x + z + (_uniform(n, generator) < flip)) % 2, z

    return Triple(math.log(2) + flip * math.log(flip) + (1 - flip) * math.log1p(-flip), draw)


def mixed_common_cause() -> Triple:
    """Creates a normal z, y = z + v, and x of two classes, 1 where z + u > 0: independent given z.

    u and v are standard normal.
    """

    def draw(n: int, generator: Generator) -> Drawn:
        z, u, v = _normal(n, 3, generator).split(1, 1)
        return (z + u > 0).long(), z + v, z

    return Triple(0.0, draw)


def mixed(*, step: float = STEP) -> Triple:
    r"""Creates a coin x and y = z + a x + e, with normal z and e.

    Given z, what is known of the coin is that of a coin sent through a Gaussian channel:

    .. math:: I(x; y \mid z) = \ln 2 - E_e \ln(1 + e^{-a^2 / 2 - a e})

    by quadrature; the two inputs are a apart.
    """

    def draw(n: int, generator: Generator) -> Drawn:
        x = torch.randint(2, (n, 1), generator=generator)
        z, e = _normal(n, 2, generator).split(1, 1)
        return x, z + step * x + e, z

    node, weight = np.polynomial.hermite_e.hermegauss(100)
    lost = float(np.logaddexp(0, -(step**2) / 2 - step * node) @ weight) / math.sqrt(2 * math.pi)
    return Triple(math.log(2) - lost, draw)


# ---------------------------------------------------------------- what they share


def _check(correlation: float) -> None:
    if not -1 < correlation < 1:
        raise UserError(f"a correlation lies between -1 and 1: {correlation}")


def _normal_information(correlation: float) -> float:
    return -math.log1p(-(correlation**2)) / 2 + 0.0  # no negative zero


def _normal(n: int, columns: int, generator: Generator) -> Tensor:
    return torch.randn(n, columns, dtype=torch.float64, generator=generator)


def _uniform(n: int, generator: Generator) -> Tensor:
    return torch.rand(n, 1, dtype=torch.float64, generator=generator)


def _cause(n: int, dimensions: int, generator: Generator) -> tuple[Tensor, Tensor]:
    """z, and s; 0 where z has no columns."""
    z = _normal(n, dimensions, generator)
    return z, z.sum(1, keepdim=True) / math.sqrt(max(1, dimensions))


def _correlated(n: int, correlation: float, generator: Generator) -> tuple[Tensor, Tensor]:
    u, e = _normal(n, 2, generator).split(1, 1)
    return u, correlation * u + math.sqrt(1 - correlation**2) * e


def _student(n: int, dof: int, generator: Generator) -> Tensor:
    scale = _normal(n, dof, generator).square().mean(1, keepdim=True).sqrt()
    return _normal(n, 1, generator) / scale
