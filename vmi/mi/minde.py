r"""Mutual information of two arrays by denoising one with and without the other, in nats."""

import math

import torch
from torch import Tensor

from vmi.errors import NotApplicable
from vmi.estimate import Estimate
from vmi.mi.fit import Generators, Network, draw, fit
from vmi.mi.stacks import CONVENTION, Side, stacked

__all__ = ["hat_weights", "minde"]

NOISIEST, CLEAREST = -6.0, 12.0  # log signal-to-noise ratios
LEVELS = 8  # of noise, each with an affine map of its own
DECAY_ROWS = 3000.0  # less than for critics: a denoiser fits noise, which is new each time
STRENGTH = 0.5  # of an output: steps that disagree leave it near 0
LOOKS = 16  # noise levels at which each row is reported
LARGEST = 4_000_000  # weights of one linear map; of 17 million, ten seeds took over half an hour
APART = 0.3  # nats, or half of the larger, that the two forms may differ by
UNLEARNT = 0.3  # nats that the network without y may gain in its second fit
FORMS = {
    "squared": lambda left, gain: gain.square(),
    "held-out": lambda left, gain: left.square() - (left - gain).square(),
}


@stacked
def minde(
    x: Side, y: Side, generator: Generators, *, k=128, width=64, steps=1000, form="held-out"
) -> list[Estimate]:
    r"""MINDE-c: what y adds to the score of a diffused x.

    Let :math:`x_\lambda = \alpha x + \sigma \epsilon` with
    :math:`\alpha^2 + \sigma^2 = 1, \lambda = \log(\alpha^2 / \sigma^2)`, a variance-preserving
    diffusion indexed by its log signal-to-noise ratio. Girsanov's theorem gives

    .. math:: I(x; y) = \frac12 \int E \| \hat\epsilon(x_\lambda) - \hat\epsilon(x_\lambda, y) \|^2
        d\lambda = \frac12 \int E \| \epsilon - \hat\epsilon(x_\lambda) \|^2
        - E \| \epsilon - \hat\epsilon(x_\lambda, y) \|^2 d\lambda

    for the exact denoisers. The integral runs from -6 to 12, evenly sampled. The first form is what
    is published: it cannot be negative, and moves by the denoisers' errors. The second, on pairs
    outside their training data, moves by the squares of their errors: up by that without y, down by
    that with y. So it is what is reported; of 1,000 and 2,000 pairs it is the nearer to the truth
    in seven of nine tasks. Neither is a lower or an upper bound.

    Published are denoisers learnt at once from 100,000 pairs. Of 2,000 pairs such a one leaves a
    floor of .1 nats between independent data in 5 + 5 dimensions. So here one network learns
    :math:`\hat\epsilon(x_\lambda)`, another what that leaves, and a third what y adds; it starts
    from nothing and stops by its own held-out error. The mean of 5 seeds at N = 2,000, and its
    spread over seeds, before there was the second of the three:

    ======================== ===== ============ ============
    pairs                    truth squared      held-out
    ======================== ===== ============ ============
    independent, 5 + 5       0     .01 +- .00   -.01 +- .01
    two correlated of 5 + 5  1.02  .94 +- .07   .94 +- .11
    two of 25 + 25           1.02  .91 +- .11   .57 +- .03
    20 correlated of 20 + 20 8     6.4 +- .6    6.9 +- .2
    ======================== ===== ============ ============

    The standard error is that of the held-out form over the reported pairs, and the difference of
    both forms, added in squares: fits differ, and that is how they show it. On tasks of 1,000 pairs
    that are in no benchmark it is .9 to 2 times the spread over draws; of the squared form alone it
    was a fifth.

    Only what has a density is diffused: x, or y where x is of classes, repeats itself or holds near
    copies. Where neither has one, it does not apply. The ceiling is the entropy of a discrete side.

    The forms agree where the denoisers fit; where they differ by half, the estimate carries a
    warning. And the network without y has to be done with x before the other begins, or that one
    goes on with x and takes it for what y adds. So it is fitted once more to what it leaves, and
    where that still gains .3 nats, there is a warning. Pictures are such a case: they lie near a
    surface of few dimensions, and the estimate can be many times the truth.

    Args:
        x: What is diffused.
        y: What is given.
        generator: Of all draws.
        k: The size of a batch in training.
        width: Of the networks' hidden layers.
        steps: At most so many for each network.
        form: Of the integral: "held-out", or "squared" as published.

    Raises:
        NotApplicable: There is no such form, or x and y have so many columns together that the
            linear maps, from all columns to those of x at each level of noise, are too large.

    References:
        | MINDE: Mutual Information Neural Diffusion Estimation (Franzese et al., 2024)
        | https://arxiv.org/abs/2310.09031
        | MMG: Mutual Information Estimation via the MMSE Gap in Diffusion (Yu et al., 2025)
        | https://arxiv.org/abs/2509.20609
        | Information-Theoretic Diffusion (Kong et al., 2023)
        | https://arxiv.org/abs/2302.03792
    """
    if form not in FORMS:
        raise NotApplicable(f"the form {form!r} is none of {', '.join(FORMS)}")
    x, y, which = _directed(x, y)
    weights = (x.dimensions + y.dimensions) * x.dimensions * LEVELS
    if weights > LARGEST:
        columns = f"{x.dimensions} and {y.dimensions} columns"
        raise NotApplicable(f"{columns} ask for {weights / 1e6:.0f} million weights: too many")
    denoisers = Denoisers(x, y, generator, width)
    denoisers.fit(x, y, generator, k=min(k, x.fit.shape[1]), steps=steps)
    terms = denoisers.terms(x.report, y.report, generator)
    of_forms = dict(zip(FORMS, terms.mean(2).tolist(), strict=True))
    apart = terms[0].mean(1) - terms[1].mean(1)
    errors = torch.hypot(terms[1].std(1) / math.sqrt(terms.shape[2]), apart).tolist()
    fields = {
        "unit": "nats",
        "n": terms.shape[2],
        "convention": f"{which}, {form}; {CONVENTION}",
    }
    return [
        Estimate(value, error, warning=_warning(*both, unlearnt), **fields)
        for value, error, both, unlearnt in zip(
            of_forms[form],
            errors,
            zip(*of_forms.values(), strict=True),
            denoisers.unlearnt.tolist(),
            strict=True,
        )
    ]


def _directed(x: Side, y: Side) -> tuple[Side, Side, str]:
    """What is diffused and what is given: only what has a density is diffused."""
    flaws = ["classes have no density" if s.discrete else s.flaw for s in (x, y)]
    if not flaws[0]:
        return x, y, "x given y"
    if not flaws[1]:
        return y, x, "y given x"
    hint = "plug-in is for classes, mixed-ksg for amounts"
    raise NotApplicable(f"neither side can be diffused: {'; '.join(dict.fromkeys(flaws))}: {hint}")


def _warning(squared: float, held: float, unlearnt: float) -> str:
    """Exact denoisers agree in both forms, and there is nothing to learn when they are fitted."""
    texts = []
    if abs(squared - held) > max(APART, max(squared, held) / 2):
        texts.append(
            f"{squared:.2f} nats squared, but {held:.2f} held-out: the denoisers do not fit"
        )
    if unlearnt > UNLEARNT:
        texts.append(f"{unlearnt:.1f} nats of denoising were still to learn without y")
    return "; ".join(texts)


class Denoisers:
    """Two stacks of networks: one predicts the noise in x, the other the residual, from y.

    The first starts from the best denoiser of a standard normal x, the second from 0. The output of
    each is linear in weights of LEVELS levels of noise, between which it interpolates; it is less
    where there is nearly no noise or nothing else, as there is little to predict.

    Args:
        x: What is diffused.
        y: What is given.
        generators: Of the initial weights.
        width: Of the hidden layers.
    """

    def __init__(self, x: Side, y: Side, generators: Generators, width: int) -> None:
        outputs = x.dimensions * LEVELS
        self.alone, self.more = (
            Network(generators, x.dimensions + LEVELS, width, outputs, scale=0.0) for _ in range(2)
        )
        self.unlearnt = torch.zeros(len(generators))
        inputs = x.dimensions + y.dimensions + LEVELS
        self.given = Network(generators, inputs, width, outputs, scale=0.0)

    def fit(self, x: Side, y: Side, generators: Generators, *, k: int, steps: int) -> None:
        """Fits the first, once more to what it leaves, then the second to what both leave.

        Were the first not done with x, the second would be, and its denoising be taken for what y
        adds. `unlearnt` (S,) is what the first learns in its second fit, held out, in nats.
        """
        sizes = {"k": k, "steps": steps, "decay_rows": DECAY_ROWS}
        held_noise = _noise(x.held, generators)

        def held() -> Tensor:
            return -_square(self.left(x.held, *held_noise)).mean(1)

        def batch(b: list[Tensor]) -> Tensor:
            return -_square(self.left(*b, *_noise(b[0], generators)))

        fit([self.alone], batch, [x.fit], held, generators, **sizes)
        with torch.no_grad():
            first = held()
        fit([self.more], batch, [x.fit], held, generators, **sizes)
        with torch.no_grad():
            self.unlearnt = (held() - first) * (CLEAREST - NOISIEST) / 2
        fit(
            [self.given],
            lambda b: -_square(torch.sub(*self.split(*b, *_noise(b[0], generators)))),
            [x.fit, y.fit],
            lambda: -_square(torch.sub(*self.split(x.held, y.held, *held_noise))).mean(1),
            generators,
            **sizes,
        )

    def left(self, x: Tensor, noise: Tensor, snr: Tensor) -> Tensor:
        """Returns the noise (S, N, D) less its prediction without y; snr is the log ratio."""
        noisy = _diffused(x, noise, snr)
        predicted = _predicted(self.alone, [noisy], snr) + _predicted(self.more, [noisy], snr)
        return noise - (-snr).sigmoid().sqrt() * noisy - predicted

    def split(self, x: Tensor, y: Tensor, noise: Tensor, snr: Tensor) -> tuple[Tensor, Tensor]:
        """Returns the residual without y, and its prediction from y, each (S, N, D)."""
        with torch.no_grad():
            left = self.left(x, noise, snr)
        return left, _predicted(self.given, [_diffused(x, noise, snr), y], snr)

    @torch.no_grad()
    def terms(self, x: Tensor, y: Tensor, generators: Generators) -> Tensor:
        """Returns terms (2, S, N), of each of FORMS, whose mean is the integral."""
        total = torch.zeros(len(FORMS), *x.shape[:2], dtype=torch.float64)
        start = torch.stack([torch.rand(x.shape[1], 1, generator=g) for g in generators])
        for look in range(LOOKS):
            snr = NOISIEST + (CLEAREST - NOISIEST) * (start + look) / LOOKS
            split = self.split(x, y, draw(generators, *x.shape[1:]), snr)
            total += torch.stack([form(*split).sum(-1) for form in FORMS.values()])
        return total / LOOKS * (CLEAREST - NOISIEST) / 2


def _predicted(network: Network, inputs: list[Tensor], snr: Tensor) -> Tensor:
    hats = hat_weights(snr)
    levels = network(torch.cat([*inputs, hats], -1)).unflatten(-1, (LEVELS, -1))
    strength = STRENGTH * (snr.sigmoid() * (-snr).sigmoid()).sqrt()
    return strength * (hats[..., None] * levels).sum(-2)


def _diffused(x: Tensor, noise: Tensor, snr: Tensor) -> Tensor:
    return snr.sigmoid().sqrt() * x + (-snr).sigmoid().sqrt() * noise


def _square(errors: Tensor) -> Tensor:
    return errors.square().sum(-1)


def _noise(x: Tensor, generators: Generators) -> tuple[Tensor, Tensor]:
    """Draws noise like x (S, N, D), and log signal-to-noise ratios (S, N, 1) evenly spread."""
    n = x.shape[1]
    shift = torch.stack([torch.rand(1, generator=g) for g in generators])
    share = (shift + torch.arange(n) / n) % 1
    return draw(generators, *x.shape[1:]), (NOISIEST + (CLEAREST - NOISIEST) * share)[..., None]


def hat_weights(snr: Tensor) -> Tensor:
    """The weights (S, N, LEVELS) of linear interpolation between levels of noise."""
    place = (snr - NOISIEST) / (CLEAREST - NOISIEST) * (LEVELS - 1)
    return (1 - (place - torch.arange(LEVELS)).abs()).clamp_min(0)
