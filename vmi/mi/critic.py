"""A stack of critics f(x, y), which score every pair of a batch; the bounds are of their scores."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from vmi.estimate import Estimate
from vmi.mi import scores
from vmi.mi.fit import Generators, Network, fit
from vmi.mi.stacks import CONVENTION, Side

__all__ = ["Critic", "MovingAverage"]

FEATURES = 32
WHOLE = 1024  # rows whose pairs are all scored, in the reports without a ceiling
NEAR = 0.05  # of a ceiling
MEMORY, MOST = 0.99, 2.0  # of MINE's moving average; what a batch may add to its logarithm
REST = 0.3  # of the initial weights, which the decay leaves
FADING, LEAST = 1000, 500  # steps until the decay is 0; steps that are taken in any case

Scores = Callable[[Tensor], Tensor]  # (..., K, K) -> (..., K)


class Critic:
    """A stack of critics, one a problem: scores all pairs of a batch.

    Args:
        x: The one variable.
        y: The other.
        generators: Of the initial weights.
        width: Of the hidden layers.
        baseline: The term of y is the logarithm of a baseline, subtracted, by a network of its own:
            a small one, as a larger one fits outliers.
    """

    def __init__(
        self, x: Side, y: Side, generators: Generators, width: int, baseline: bool = False
    ) -> None:
        self.g = Network(generators, x.dimensions, width, FEATURES + 1, rest=REST)
        self.h = Network(generators, y.dimensions, width, FEATURES + 1, rest=REST)
        self.baseline = Network(generators, y.dimensions, width // 4, 1, 0.0) if baseline else None

    def __call__(self, x: Tensor, y: Tensor) -> Tensor:
        """Returns the scores (S, K, K) of (S, K, D) and (S, K, E)."""
        g, h = self.g(x), self.h(y)
        term_of_y = h[..., -1] if self.baseline is None else -self.baseline(y)[..., 0]
        products = g[..., :-1] @ h[..., :-1].mT
        return products + g[..., -1:] + term_of_y[..., None, :]

    def fit(
        self,
        x: Side,
        y: Side,
        generators: Generators,
        k: int,
        steps: int,
        objective: Scores,
        held: Scores | None = None,
    ) -> None:
        """Fits by an objective, and keeps what was best by `held` (by default the objective)."""
        k = min(k, x.fit.shape[1])
        fit(
            [n for n in (self.g, self.h, self.baseline) if n is not None],
            lambda batch: objective(self(*batch)),
            [x.fit, y.fit],
            lambda: self._terms(x.held, y.held, held or objective, k).mean(1),
            generators,
            k=k,
            steps=steps,
            fading=min(FADING, steps),
            least=LEAST,
        )

    @torch.no_grad()
    def report(
        self,
        x: Side,
        y: Side,
        bound_of: Scores,
        k: int = WHOLE,
        ceiling: float = math.nan,
        **fields,
    ) -> list[Estimate]:
        """Creates each problem's estimate from the reported part, in blocks of at most k pairs."""
        terms = self._terms(x.report, y.report, bound_of, k).double()
        errors = terms.std(1) / math.sqrt(terms.shape[1])
        fields |= {
            "unit": "nats",
            "ceiling": ceiling,
            "n": terms.shape[1],
            "convention": CONVENTION,
        }
        return [
            Estimate(value, error, warning=_near(value, ceiling), **fields)
            for value, error in zip(terms.mean(1).tolist(), errors.tolist(), strict=True)
        ]

    def _terms(self, x: Tensor, y: Tensor, bound_of: Scores, k: int) -> Tensor:
        """The terms of all whole blocks of k pairs, (S, M), or of one block of fewer."""
        k = min(k, x.shape[1])
        whole = x.shape[1] // k * k
        blocks = zip(x[:, :whole].split(k, 1), y[:, :whole].split(k, 1), strict=True)
        return torch.cat([bound_of(self(*block)) for block in blocks], 1)


class MovingAverage:
    """MINE's objective: its gradient is that of `dv` with the average of e^f taken over batches.

    One outlier, remembered for hundreds of batches, would leave nothing to hold the scores back
    for so long, and they would grow without bound. So a batch counts at most e^2 times the average.
    """

    def __init__(self) -> None:
        self.log_average: Tensor | None = None

    def __call__(self, f: Tensor) -> Tensor:
        """Returns terms (..., K) of scores (..., K, K), whose gradient is MINE's."""
        log_mean = scores.log_mean_exp(f)
        now = log_mean.detach()
        if self.log_average is None:
            self.log_average = now
        now = torch.minimum(now, self.log_average + MOST)
        kept, added = self.log_average + math.log(MEMORY), now + math.log1p(-MEMORY)
        self.log_average = torch.logaddexp(kept, added)
        return f.diagonal(dim1=-2, dim2=-1) - (log_mean - self.log_average).exp()[..., None]


def _near(value: float, ceiling: float) -> str:
    if not value >= (1 - NEAR) * ceiling:
        return ""
    return f"within 5% of its ceiling of {ceiling:.2f} nats; the truth may lie far above"
