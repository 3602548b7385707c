r"""Whether an estimate of mutual information is to be trusted, by what it shows itself.

An estimate that nothing warns of yet is put to checks, the cheapest first. Each compares two
numbers that should agree, or one with its truth, over a tolerance in nats (`TOLERANCES`):

- *negative*: information is not, so that an estimate far below 0 is wrong;
- *neighbours*: `ksg` is rarely too high by .1 nats, and rarely too low in few columns;
- *scores*: the information does not change where columns are mapped to their normal scores;
- *normal*: the same estimator on a normal sample of as many rows and columns and the same rank
  correlations, whose information is known, in nats and as a share of it. This shows whether N
  suffices for the dimension, and whether a ceiling or a bias is in the way;
- *permuted*: the same estimator where y is shuffled, so that there is nothing to find. A network's
  lower bound cannot pass 0 there on rows that it has not seen, and is not asked;
- *half*: the same estimator of half of the rows. A network learns from half of its part of them and
  reports on the same others.

An estimate is flagged where the squares of these ratios sum to over 1; its warning says which weigh
most, and the checks that remain are left out. The tolerances are such that few of the estimates
within .1 nats of the truth are flagged and most of those off by over .3; the page of the suite
`estimators` shows both shares for each estimator.

Where x or y has classes or atoms, only *negative*, *permuted* and *half* have a meaning.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import torch

from vmi.arrays import columns, normal_scores
from vmi.errors import NotApplicable, reason
from vmi.estimate import Estimate
from vmi.mi.kinds import REPEATED, also, are_classes, repeated_share
from vmi.mi.neighbours import ksg
from vmi.mi.stacks import estimate_each
from vmi.random import generator

__all__ = ["TOLERANCES", "answer", "judged", "judging"]

TOLERANCES = {
    "negative": 0.4,
    "neighbours": 0.05,  # beyond what they may err by: .1 nats and their own error
    "scores": 0.5,
    "normal": 0.35,
    "share": 0.6,  # of the information of the normal sample
    "permuted": 0.4,
    "half": 0.4,
}
CROWDED = 10  # columns together, from which neighbours are of no help
PLAIN = 4  # columns together, up to which they are not too low either
LEAST = 0.08  # nats of a normal sample, of which a share is taken
FAILED = 10.0  # the ratio of a check that could not be made
SAID = 0.2  # of the sum of squares: a check that gave less is not named

Pair = tuple[Any, Any]
Ask = Callable[[Sequence[Pair], Sequence[torch.Generator], int], Sequence[Estimate]]


def answer(
    task: Any,
    estimator: Callable[..., Any],
    settings: Mapping[str, Any],
    pairs: Sequence[Pair],
    generators: Sequence[torch.Generator],
) -> list[Estimate]:
    """Returns what an estimator says of the pairs of a task, each flagged where it should be.

    An estimator of the user's own may return a number.
    """
    ask = _asking(estimator, settings)
    made = ask(pairs, generators, 1)
    return judged(made, ask, pairs, generators, fitted=hasattr(estimator, "body"))


def judging(estimator: Callable[..., Any], settings: Mapping[str, Any]) -> Callable[..., Any]:
    """Returns an estimator of one pair that flags its number; several are returned as they are."""

    def judging_estimator(x: Any, y: Any, generator: torch.Generator) -> Any:
        pairs, streams = [(x, y)], [generator]
        (made,) = estimate_each(estimator, pairs, streams, settings)
        if isinstance(made, list | tuple):
            return made
        ask, fitted = _asking(estimator, settings), hasattr(estimator, "body")
        return judged([_estimate(made, len(x))], ask, pairs, streams, fitted)[0]

    return judging_estimator


def judged(
    made: Sequence[Estimate],
    ask: Ask,
    pairs: Sequence[Pair],
    generators: Sequence[torch.Generator],
    fitted: bool,
) -> list[Estimate]:
    """Returns the estimate of each pair, with a warning where it is not to be trusted.

    An estimate depends on its own pair and generator only, and so does its warning.

    Args:
        made: What the estimator says of the pairs.
        ask: Returns its estimates of other pairs, given a generator each, where a network learns
            from every so many-th row of its part.
        pairs: Arrays (N,) or (N, D).
        generators: One a pair.
        fitted: A network is fitted.
    """
    samples = [
        Sample(x, y, g.initial_seed(), one)
        for (x, y), g, one in zip(pairs, generators, made, strict=True)
    ]
    pending = [s for s in samples if s.pending]
    for check in (_negative, _neighbours, _scores, _normal, _permuted, _half):
        check(pending, ask, fitted)
        pending = [s for s in pending if s.pending]
    return [s.result for s in samples]


@dataclass
class Sample:
    """A pair, what an estimator says of it, and what the checks found."""

    x: Any
    y: Any
    seed: int
    estimate: Estimate
    found: list[tuple[float, str]] = field(default_factory=list)  # ratios to a tolerance, in words

    @cached_property
    def tables(self) -> tuple[np.ndarray, np.ndarray]:
        """Both sides as (N, D)."""
        return columns(self.x), columns(self.y)

    @cached_property
    def scores(self) -> tuple[np.ndarray, np.ndarray]:
        """Both sides as normal scores."""
        x, y = self.tables
        return normal_scores(x), normal_scores(y)

    @cached_property
    def continuous(self) -> bool:
        """Neither side has classes or atoms."""
        return not any(are_classes(a) or repeated_share(a) > REPEATED for a in self.tables)

    @property
    def dimensions(self) -> int:
        """The columns of both sides."""
        return sum(a.shape[1] for a in self.tables)

    @property
    def square(self) -> float:
        """The sum of the squares of all ratios."""
        return sum(ratio**2 for ratio, _ in self.found)

    @property
    def pending(self) -> bool:
        """There is a number, and nothing is wrong with it so far."""
        made = self.estimate
        return made.state == "value" and not made.warning and self.square <= 1

    @property
    def result(self) -> Estimate:
        """The estimate, with a warning if it is not to be trusted."""
        if self.square <= 1:
            return self.estimate
        heavy = dict.fromkeys(text for r, text in self.found if r**2 > SAID * self.square)
        return also(self.estimate, f"not to be trusted: {', '.join(heavy)}")

    def add(self, check: str, excess: float, text: str) -> None:
        """Notes a discrepancy; one that is not a number is nothing found."""
        if not math.isnan(excess):
            self.found.append((excess / TOLERANCES[check], text))

    def stream(self, check: str) -> torch.Generator:
        """Creates the generator of what a check draws."""
        return generator(self.seed, "reliability", check)


def _asking(estimator: Callable[..., Any], settings: Mapping[str, Any]) -> Ask:
    def ask(
        pairs: Sequence[Pair], generators: Sequence[torch.Generator], learn: int
    ) -> list[Estimate]:
        numbers = estimate_each(estimator, pairs, generators, settings, learn=learn)
        return [_estimate(made, len(x)) for made, (x, _) in zip(numbers, pairs, strict=True)]

    return ask


def _estimate(made: Any, n: int) -> Estimate:
    return made if isinstance(made, Estimate) else Estimate(float(made), unit="nats", n=n)


# ---------------------------------------------------------------- the checks


def _negative(samples: Sequence[Sample], ask: Ask, fitted: bool) -> None:
    for s in samples:
        text = "information is not negative"
        s.add("negative", max(-s.estimate.value - 0.05, 0.0), text)


def _neighbours(samples: Sequence[Sample], ask: Ask, fitted: bool) -> None:
    for s in samples:
        if not s.continuous or s.dimensions > CROWDED or len(s.tables[0]) <= 20:
            continue
        other, made = ksg(*s.scores), s.estimate
        more = other.value - made.value - 0.1 - other.stderr
        less = made.value - other.value - 0.15 - 2 * other.stderr - _known(made.stderr)
        excess = max(more, less if s.dimensions <= PLAIN and not other.warning else 0.0, 0.0)
        s.add("neighbours", excess, f"neighbours find {other.value:.2f} nats")


def _scores(samples: Sequence[Sample], ask: Ask, fitted: bool) -> None:
    if fitted:  # its columns are mapped in any case
        return
    samples = [s for s in samples if s.continuous]
    for s, made in _again(samples, [s.scores for s in samples], ask):
        excess = max(abs(made.value - s.estimate.value) - 0.1, 0.0)
        s.add("scores", excess, f"{made.value:.2f} nats of the normal scores of the columns")


def _normal(samples: Sequence[Sample], ask: Ask, fitted: bool) -> None:
    samples = [s for s in samples if s.continuous]
    drawn = [_normal_like(s) for s in samples]
    again = _again(samples, [pair for pair, _ in drawn], ask)
    for (s, made), (_, truth) in zip(again, drawn, strict=False):  # of none, where none applies
        off = abs(made.value - truth)
        text = f"{made.value:.2f} nats of a normal sample like this one, which has {truth:.2f}"
        s.add("normal", off, text)
        if truth > LEAST:
            s.add("share", max(off - _known(made.stderr), 0.0) / truth, text)


def _permuted(samples: Sequence[Sample], ask: Ask, fitted: bool) -> None:
    samples = [s for s in samples if not (fitted and s.estimate.bound == "lower")]
    pairs = []
    for s in samples:
        order = torch.randperm(len(s.x), generator=s.stream("permuted")).numpy()
        pairs.append((np.asarray(s.x), np.asarray(s.y)[order]))
    for s, made in _again(samples, pairs, ask):
        s.add("permuted", abs(made.value), f"{made.value:.2f} nats where y is shuffled")


def _half(samples: Sequence[Sample], ask: Ask, fitted: bool) -> None:
    pairs = []
    for s in samples:
        order = torch.randperm(len(s.x), generator=s.stream("half")).numpy()
        rows = slice(None) if fitted else order[: len(order) // 2]
        pairs.append((np.asarray(s.x)[rows], np.asarray(s.y)[rows]))
    for s, made in _again(samples, pairs, ask, learn=2 if fitted else 1):
        text = f"{made.value:.2f} nats from half of the rows"
        s.add("half", abs(made.value - s.estimate.value), text)


def _again(
    samples: Sequence[Sample], pairs: Sequence[Pair], ask: Ask, learn: int = 1
) -> list[tuple[Sample, Estimate]]:
    """Asks the estimator of other pairs, with the same random numbers as of the samples.

    Where it has no meaning for these, there is nothing to compare; a failure is a flag.
    """
    if not samples:
        return []
    streams = [torch.Generator().manual_seed(s.seed) for s in samples]
    try:
        return list(zip(samples, ask(pairs, streams, learn), strict=True))
    except NotApplicable:
        return []
    except (Exception, SystemExit) as error:  # of a user's estimator, say
        for s in samples:
            s.found.append((FAILED, f"a check of it failed ({reason(error)})"))
        return []


def _normal_like(sample: Sample) -> tuple[Pair, float]:
    r"""Draws a normal sample like another, and returns it with its information.

    The covariance is that of the normal scores, shrunk as Ledoit & Wolf (2004) do, as that of few
    rows of many columns shows correlations that are not there.
    """
    from sklearn.covariance import ledoit_wolf  # a second to import, and only for this

    x, y = sample.scores
    covariance, _ = ledoit_wolf(np.hstack([x, y]))
    n, split = x.shape[0], x.shape[1]
    noise = torch.randn(n, len(covariance), generator=sample.stream("normal"), dtype=torch.float64)
    rows = noise.numpy() @ np.linalg.cholesky(covariance).T
    of_x, of_y, of_both = (
        np.linalg.slogdet(c)[1]
        for c in (covariance[:split, :split], covariance[split:, split:], covariance)
    )
    return (rows[:, :split], rows[:, split:]), float(of_x + of_y - of_both) / 2


def _known(stderr: float) -> float:
    return 0.0 if math.isnan(stderr) else stderr
