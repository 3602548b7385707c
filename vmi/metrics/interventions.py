"""Scores of interventions on one factor, by index: groups of stored codes that share its value."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from vmi.errors import NotApplicable
from vmi.estimate import Estimate
from vmi.metrics.fitting import binomial, logistic
from vmi.metrics.plain import active, factor_columns, features

__all__ = ["beta_vae_score", "factor_vae_score"]

CELLS = 4_000_000  # codes drawn at a time, so that memory is bounded


def factor_vae_score(
    codes,
    factors,
    generator: torch.Generator,
    *,
    batch: int = 64,
    train: int = 10_000,
    test: int = 5_000,
    threshold: float = 0.05,
) -> Estimate:
    r"""Returns how well the steadiest dimension predicts which factor was held fixed.

    A vote: a factor f, evenly drawn, is held at the value of some image, `batch` images of that
    value are drawn with replacement, and the vote goes to

    .. math:: \arg\min_d \frac{Var_{batch}(z_d)}{Var_{all}(z_d)}.

    Each dimension stands for the factor that most of its `train` votes have; the score is the share
    of right ones among `test` further votes. The variance of a categorical block is the sum over
    its columns, the Gini impurity of a sure one. Dimensions that are not in use are left out: those
    whose mean has less than the threshold of the standard deviation of the aggregate posterior (see
    `vmi.metrics.plain.active`). That has no units. disentanglement_lib compares the standard
    deviation of the mean itself, which is the same where the aggregate is the prior N(0, 1), and
    leaves out a perfect code that is small. Codes without width are in use where they vary. The
    images are those there are: no generative model and no full grid of factors, but a value that
    one image alone has cannot be held.

    Perfect codes score 1; noise about 1/F, the floor of a majority vote, and more where images are
    few; constant codes 0. Standard error: binomial, of the votes and not of the images.

    Args:
        codes: N posteriors, or an array (N, D).
        factors: (N,) or (N, F) integers.
        generator: Of the votes.
        batch: Images in a vote.
        train: Votes that fit the majority.
        test: Votes that are scored.
        threshold: On the standard deviation of the mean, in units of the aggregate's.

    Raises:
        NotApplicable: The factors are continuous, fewer than two vary (each vote would be right),
            or no two images share a value.

    References:
        | Disentangling by Factorising (Kim & Mnih, 2018), https://arxiv.org/abs/1802.05983
    """
    groups = _Groups(factors, generator).several("the FactorVAE score")
    x, owners = (torch.as_tensor(part) for part in features(codes))
    spread = _by_dimension(x.var(0, correction=0)[None], owners)[0]
    used = torch.from_numpy(active(codes, threshold))
    fields = {
        "ceiling": 1.0,
        "n": len(x),
        "convention": f"{train} + {test} votes of {batch} images",
    }
    if not used.any():
        said = f"no dimension varies by {threshold:g} of the aggregate's deviation"
        return Estimate(0.0, warning=said, **fields)

    def vote(factor: Tensor) -> Tensor:
        drawn = x[groups.sharing(factor, batch)]
        local = _by_dimension(drawn.var(1, correction=0), owners)
        return (local[:, used] / spread[used]).argmin(1)

    fixed, votes = _repeat(vote, groups, train + test, batch * x.shape[1])
    table = np.zeros((int(used.sum()), groups.count))
    np.add.at(table, (votes[:train], fixed[:train]), 1)
    share = float(np.mean(table.argmax(1)[votes[train:]] == fixed[train:]))
    return Estimate(share, binomial(share, test), **fields)


def beta_vae_score(
    codes,
    factors,
    generator: torch.Generator,
    *,
    batch: int = 64,
    train: int = 10_000,
    test: int = 5_000,
) -> Estimate:
    r"""Returns how well a linear classifier predicts which factor pairs of images share.

    A point: a factor, evenly drawn, and `batch` pairs of different images, each pair alike in that
    factor; its features are, for each dimension,

    .. math:: \frac1B \sum_b |z_d^{(b)} - {z'}_d^{(b)}|,

    for a categorical block the sum over its columns. A logistic regression on the standardised
    features is fitted on `train` points; the score is its accuracy on `test` further ones.
    (Published scores differ in that they do not standardise, so that they depend on the scale of
    the code.) The images are those there are; a value that one image alone has is left out.

    Perfect codes score 1, and so do many entangled ones: the classifier weighs all dimensions.
    Noise and constant codes score 1/F but for chance. Standard error: binomial, of the points and
    not of the images.

    Args:
        codes: N posteriors, or an array (N, D).
        factors: (N,) or (N, F) integers.
        generator: Of the pairs.
        batch: Pairs in a point.
        train: Points that fit the classifier.
        test: Points that are scored.

    Raises:
        NotApplicable: The factors are continuous, fewer than two vary, or no two images share a
            value.

    References:
        | beta-VAE: Learning Basic Visual Concepts with a Constrained Variational Framework (Higgins
        | et al., 2017), https://openreview.net/forum?id=Sy2fzU9gl
    """
    groups = _Groups(factors, generator).several("the beta-VAE score")
    x, owners = (torch.as_tensor(part) for part in features(codes))

    def point(factor: Tensor) -> Tensor:
        one, other = groups.pairs(factor, batch)
        return _by_dimension((x[one] - x[other]).abs().mean(1), owners)

    fixed, points = _repeat(point, groups, train + test, 2 * batch * x.shape[1])
    model = logistic().fit(points[:train], fixed[:train])
    share = float(np.mean(model.predict(points[train:]) == fixed[train:]))
    convention = f"{train} + {test} points of {batch} pairs, logistic regression"
    return Estimate(share, binomial(share, test), ceiling=1.0, n=len(x), convention=convention)


class _Groups:
    """The images of each value of each factor, and draws of images that share one.

    Args:
        factors: (N,) or (N, F) integers.
        generator: Of the draws.
    """

    def __init__(self, factors, generator: torch.Generator) -> None:
        columns = factor_columns(factors)
        if columns[0].dtype == np.float64:
            raise NotApplicable("a continuous factor cannot be held fixed: no two images share it")
        self.count, self.generator = len(columns), generator
        groups = [_shared(torch.from_numpy(column)) for column in columns]
        self.sizes = torch.tensor([len(order) for order, _, _ in groups])
        if not self.sizes.all():
            raise NotApplicable("no two images share a value of some factor")
        self.base = self.sizes.cumsum(0) - self.sizes
        # Laid end to end: a place in the order is an image, in the run of those of its value.
        self.order, start, self.length = (torch.cat(part) for part in zip(*groups, strict=True))
        self.start = start + self.base.repeat_interleave(self.sizes)

    def several(self, metric: str) -> "_Groups":
        """Returns these groups, where they are of two factors at least.

        Raises:
            NotApplicable: They are of one.
        """
        if self.count < 2:
            raise NotApplicable(f"{metric} tells factors apart, and one alone varies")
        return self

    def factor(self, n: int) -> Tensor:
        """Draws n factors, evenly, (n,)."""
        return torch.randint(self.count, (n,), generator=self.generator)

    def sharing(self, factor: Tensor, batch: int) -> Tensor:
        """Draws `batch` images that share some image's value of each factor, (n, batch)."""
        place = self._place(factor[:, None])
        return self.order[self.start[place] + self._below(self.length[place], batch)]

    def pairs(self, factor: Tensor, batch: int) -> tuple[Tensor, Tensor]:
        """Draws `batch` pairs of different images alike in each factor, (n, batch) twice."""
        place = self._place(factor[:, None].expand(-1, batch))
        start, length = self.start[place], self.length[place]
        other = start + (place - start + 1 + self._below(length - 1, batch)) % length
        return self.order[place], self.order[other]

    def _place(self, factor: Tensor) -> Tensor:
        return self.base[factor] + self._below(self.sizes[factor], factor.shape[1])

    def _below(self, bounds: Tensor, batch: int) -> Tensor:
        """Draws whole numbers from 0 to bounds - 1, (n, batch)."""
        uniform = torch.rand(len(bounds), batch, generator=self.generator, dtype=torch.float64)
        return (uniform * bounds).long()


def _shared(column: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The images whose value another has, by value; where its run starts, and how long it is."""
    order = column.argsort(stable=True)
    counts = column.bincount()
    order, counts = order[counts[column[order]] > 1], counts[counts > 1]
    return order, *((run.repeat_interleave(counts)) for run in (counts.cumsum(0) - counts, counts))


def _by_dimension(columns: Tensor, owners: Tensor) -> Tensor:
    """Sums the columns (n, P) of each dimension, (n, D)."""
    sums = torch.zeros(len(columns), int(owners.max()) + 1, dtype=columns.dtype)
    return sums.index_add_(1, owners, columns)


def _repeat(
    draw: Callable[[Tensor], Tensor], groups: _Groups, n: int, cells: int
) -> tuple[np.ndarray, np.ndarray]:
    """Draws n factors and what follows from each, in parts so that memory is bounded."""
    factor = groups.factor(n)
    parts = [draw(part) for part in factor.split(max(1, CELLS // cells))]
    return factor.numpy(), torch.cat(parts).numpy()
