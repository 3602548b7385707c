r"""Mutual information of two arrays by a density q(y | x), in nats.

The density of continuous y is autoregressive, each column a mixture of normal distributions that
depends on x and on the columns before it; that of a discrete y, integers or floats of few joint
values, is a softmax, and the ceiling is the entropy. What has atoms, is rounded or holds near
copies has no density, and is refused. It is fitted, stopped and reported on three parts, of mapped
columns, as in `vmi.mi.variational`; no mutual information changes by the map.

All take the settings

- components: of the mixture;
- k: the size of a batch in training;
- width: of the networks' hidden layers;
- steps: at most so many.
"""

import math

import numpy as np
import torch
from torch import Tensor

from vmi.errors import NotApplicable
from vmi.estimate import Estimate
from vmi.mi.fit import Generators, Network, fit
from vmi.mi.kinds import also
from vmi.mi.stacks import CONVENTION, Side, stacked

__all__ = ["ba", "club", "doe", "surprise_terms"]

LARGEST = 100  # columns of y
NARROWEST = -7.0  # logarithm of a component's scale
NEIGHBOUR = 3  # whose distance gives the entropy
SHIFTS = 16  # other pairs that each x is put in
LOOSE = 0.3  # nats that CLUB may be above a lower bound by its density


@stacked
def ba(
    x: Side, y: Side, generator: Generators, *, components=4, k=128, width=64, steps=1000
) -> list[Estimate]:
    r"""Barber & Agakov's bound of I(x; y): the entropy of y less its cross-entropy given x.

    .. math:: H(y) + E_{p(x, y)} \log q(y | x) \le I(x; y)

    Of a discrete y, H is the plug-in entropy of the reported part, which errs downwards: a lower
    bound. Of a continuous one, H is unknown, and its estimate from the distances to the third
    neighbours errs more with every column, so that the number is no bound, and is to beware of
    beyond 5 columns; `doe` takes a density instead.

    Raises:
        NotApplicable: A continuous y has over 100 columns, repeated values or near copies.

    References:
        | The IM Algorithm: A Variational Approach to Information Maximization
        | (Barber & Agakov, 2003)
        | https://papers.nips.cc/paper/2410-information-maximization-in-noisy-channels-a-variational-approach
        | Sample estimate of the entropy of a random vector (Kozachenko & Leonenko, 1987)
    """
    density = Density(x, y, generator, width, components)
    density.fit(x, y, generator, k, steps)
    surprise = torch.stack([surprise_terms(rows, y.discrete) for rows in y.report])
    warning = ""
    if not y.discrete and y.dimensions > 5:
        warning = f"the entropy of {y.dimensions} columns by neighbours is far off"
    entropy = "plug-in H(y)" if y.discrete else f"H(y) by neighbour {NEIGHBOUR}"
    return _estimates(
        density.log_prob(x.report, y.report) + surprise,
        bound="lower" if y.discrete else "",
        convention=f"{entropy}; {CONVENTION}",
        warning=warning,
    )


@stacked
def doe(
    x: Side, y: Side, generator: Generators, *, components=4, k=128, width=64, steps=1000
) -> list[Estimate]:
    r"""The difference of two entropies, each the cross-entropy of a fitted density.

    .. math:: E_{p(x, y)} \log q(y | x) - E_{p(y)} \log r(y) \approx I(x; y)

    Each is an upper bound of an entropy, their difference neither. There is no ceiling. The density
    r is of the same family as q, with 0 for x.

    Raises:
        NotApplicable: A continuous y has over 100 columns, repeated values or near copies.

    References:
        | Formal Limitations on the Measurement of Mutual Information
        | (McAllester & Stratos, 2020) https://arxiv.org/abs/1811.04251
    """
    logs = []
    for given in (x, x.blank()):
        density = Density(given, y, generator, width, components)
        density.fit(given, y, generator, k, steps)
        logs.append(density.log_prob(given.report, y.report))
    return _estimates(logs[0] - logs[1], convention=CONVENTION)


@stacked
def club(
    x: Side, y: Side, generator: Generators, *, components=1, k=128, width=64, steps=1000
) -> list[Estimate]:
    r"""CLUB: how much likelier y is given its own x than given another's.

    .. math:: E_{p(x, y)} \log q(y | x) - E_{p(x) p(y)} \log q(y | x)

    With the true p(y | x) it is an upper bound of I(x; y), and a loose one:
    :math:`\rho^2 / (1 - \rho^2)` for a normal pair. With a fitted q it is one only while
    :math:`KL(p(x, y) \| p(x) q(y|x)) \le KL(p(x) p(y) \| p(x) q(y|x))`, which cannot be
    checked, so the record claims no bound. The second mean is over 16 other pairs for each x. The
    same values of q give a lower bound, InfoNCE's of 17, at most ln 17: where CLUB is more than .3
    nats above it, the record says by how much it may be too high.

    Raises:
        NotApplicable: A continuous y has over 100 columns, repeated values or near copies.

    References:
        | CLUB: A Contrastive Log-ratio Upper Bound of Mutual Information (Cheng et al., 2020)
        | https://arxiv.org/abs/2006.12013
    """
    density = Density(x, y, generator, width, components)
    density.fit(x, y, generator, k, steps)
    shifts = range(1, 1 + min(SHIFTS, x.report.shape[1] - 1))
    paired = density.log_prob(x.report, y.report)
    others = [density.log_prob(x.report, y.report.roll(-s, 1)) for s in shifts]
    as_x = torch.stack(others).mean(0)
    as_y = torch.stack([o.roll(s, 1) for s, o in zip(shifts, others, strict=True)]).mean(0)
    told = paired - torch.stack([paired, *others]).logsumexp(0) + math.log(1 + len(others))
    made = _estimates(paired - as_x - as_y + as_y.mean(1, keepdim=True), convention=CONVENTION)
    return [also(e, _loose(e, t)) for e, t in zip(made, told.mean(1).tolist(), strict=True)]


def _loose(made: Estimate, told: float) -> str:
    """Warns where the same density tells less by a lower bound."""
    if made.value - told <= LOOSE + 2 * made.stderr:
        return ""
    return f"a lower bound by the same density says {told:.2f} nats: CLUB may be far too high"


class Density:
    """A stack of densities q(y | x), one a problem.

    Args:
        x: What is given.
        y: What the density is of.
        generators: Of the initial weights.
        width: Of the hidden layers.
        components: Of the mixture of each continuous column.

    Raises:
        NotApplicable: A continuous y has over 100 columns, repeated values or near copies.
    """

    def __init__(
        self, x: Side, y: Side, generators: Generators, width: int, components: int
    ) -> None:
        self.discrete, self.components = y.discrete, components
        if y.discrete:
            self.network = Network(generators, x.dimensions, width, y.dimensions)
            self._start_from_frequencies(y.fit)
            return
        if y.dimensions > LARGEST:
            columns = f"{y.dimensions} columns"
            raise NotApplicable(f"y has {columns}, and a density is learnt of at most {LARGEST}")
        if y.flaw:
            raise NotApplicable(f"{y.flaw}; try it as x, or mixed-ksg")
        masks = _masks(x.dimensions, y.dimensions, width, 3 * components)
        inputs, outputs = masks[0].shape
        self.network = Network(generators, inputs, width, outputs, masks=masks)

    @torch.no_grad()
    def _start_from_frequencies(self, y: Tensor) -> None:
        """Counts a value that does not occur as a small part of one: no log q is infinite."""
        counts = y.sum(1, keepdim=True) + 1 / y.shape[-1]
        self.network.biases[0] += (counts / counts.sum(-1, keepdim=True)).log()

    def __call__(self, x: Tensor, y: Tensor) -> Tensor:
        """Returns log q(y|x), (S, N)."""
        if self.discrete:
            return (self.network(x).log_softmax(-1) * y).sum(-1)
        heads = self.network(torch.cat([x, y], -1)).unflatten(-1, (y.shape[-1], 3, -1))
        weights, means, log_scales = heads.unbind(-2)
        log_scales = log_scales.clamp_min(NARROWEST)
        normal = -((y[..., None] - means) * (-log_scales).exp()).square() / 2 - log_scales
        columns = (weights.log_softmax(-1) + normal).logsumexp(-1) - math.log(2 * math.pi) / 2
        return columns.sum(-1)

    def fit(self, x: Side, y: Side, generators: Generators, k: int, steps: int) -> None:
        """Fits by maximum likelihood."""
        fit(
            [self.network],
            lambda batch: self(*batch),
            [x.fit, y.fit],
            lambda: self(x.held, y.held).mean(1),
            generators,
            k=min(k, x.fit.shape[1]),
            steps=steps,
        )

    @torch.no_grad()
    def log_prob(self, x: Tensor, y: Tensor) -> Tensor:
        """Returns log q(y|x), (S, N), without gradients."""
        return self(x, y)


def _masks(given: int, columns: int, width: int, heads: int) -> list[Tensor]:
    """Which weights may be there, so that column d sees x and the columns before it only."""
    inputs = torch.cat([torch.zeros(given), torch.arange(1, columns + 1)])
    hidden = torch.arange(width) % columns
    outputs = torch.arange(1, columns + 1).repeat_interleave(heads)
    return [
        (inputs[:, None] < outputs).float(),
        (inputs[:, None] <= hidden).float(),
        (hidden[:, None] <= hidden).float(),
        (hidden[:, None] < outputs).float(),
    ]


def surprise_terms(y: Tensor, discrete: bool) -> Tensor:
    """Terms (N,) whose mean is an entropy: the plug-in one, or Kozachenko's and Leonenko's."""
    if discrete:
        return -(y @ y.mean(0)).log()
    from scipy.spatial import cKDTree  # a second to import, and only for this
    from scipy.special import digamma, gammaln

    n, d = y.shape
    points = y.double().numpy()
    distance = cKDTree(points).query(points, NEIGHBOUR + 1)[0][:, -1]
    if not distance.all():
        raise NotApplicable("y repeats values: it has no density, so no entropy to start from")
    ball = d / 2 * math.log(math.pi) - gammaln(d / 2 + 1)
    terms = digamma(n) - digamma(NEIGHBOUR) + ball + d * np.log(distance)
    return torch.from_numpy(terms)


def _estimates(terms: Tensor, **fields) -> list[Estimate]:
    """Creates the estimate of each problem from its terms, (S, N)."""
    terms, n = terms.double(), terms.shape[1]
    errors = (terms.std(1) / math.sqrt(n)).tolist()
    means = terms.mean(1).tolist()
    return [Estimate(m, e, unit="nats", n=n, **fields) for m, e in zip(means, errors, strict=True)]
