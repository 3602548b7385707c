r"""Mutual information of two arrays by a critic f(x, y), in nats.

One critic serves all bounds: the inner product of two networks' features with a term of each side,

.. math:: f(x, y) = \langle g(x), h(y) \rangle + a(x) + b(y),

which can come near any log-ratio with enough features. All pairs of a batch are scored by one
matrix product. The bounds differ in what the critic is trained by and in what is reported; the
equations are in `vmi.mi.scores`.

Each estimator shuffles the N pairs, fits the critic on 60% of them, keeps it where it was best on
another 20% and reports on the last 20%, which neither has used. Columns are mapped one-to-one to
about a normal distribution first (`vmi.mi.stacks.normalised`); an integer column of at most 64
values becomes as many columns of 0 and 1. The standard error is that of the reported part with the
critic as it is: it holds neither the information that the critic misses, nor the bias of a
logarithm of a mean.

All take the settings

- k: the size of a batch in training (for InfoNCE and the interpolated bound in the report too);
- width: of the networks' hidden layers;
- steps: at most so many.
"""

import math

from torch import Tensor

from vmi.estimate import Estimate
from vmi.mi import scores
from vmi.mi.critic import Critic, MovingAverage
from vmi.mi.fit import Generators
from vmi.mi.stacks import Side, stacked

__all__ = ["dv", "infonce", "interpolated", "mine", "nwj", "nwj_js", "smile", "tuba"]


@stacked
def dv(x: Side, y: Side, generator: Generators, *, k=128, width=64, steps=2000) -> list[Estimate]:
    r"""Donsker & Varadhan's lower bound of I(x; y), by a critic trained on it.

    .. math:: E_{p(x, y)} f - \log E_{p(x) p(y)} e^f \le I(x; y)

    The bound is of the expectations. That of a finite sample errs upwards: see `vmi.mi.scores.dv`.

    References:
        | Mutual Information Neural Estimation (Belghazi et al., 2018)
        | https://arxiv.org/abs/1801.04062
    """
    critic = Critic(x, y, generator, width)
    critic.fit(x, y, generator, k, steps, scores.dv)
    return critic.report(x, y, scores.dv, bound="lower")


@stacked
def mine(x: Side, y: Side, generator: Generators, *, k=128, width=64, steps=2000) -> list[Estimate]:
    r"""MINE's lower bound of I(x; y): `dv` with a gradient that small batches do not bias.

    .. math:: \nabla E_{p(x, y)} f - \frac{E_{p(x) p(y)} [e^f \nabla f]}{m}

    with m a moving average of the batches' :math:`E_{p(x) p(y)} e^f` (99% of the old one a step).
    Reported as `dv`.

    References:
        | Mutual Information Neural Estimation (Belghazi et al., 2018)
        | https://arxiv.org/abs/1801.04062
    """
    critic = Critic(x, y, generator, width)
    critic.fit(x, y, generator, k, steps, MovingAverage(), scores.dv)
    return critic.report(x, y, scores.dv, bound="lower")


@stacked
def nwj(x: Side, y: Side, generator: Generators, *, k=128, width=64, steps=2000) -> list[Estimate]:
    r"""Nguyen, Wainwright & Jordan's lower bound of I(x; y), by a critic trained on it.

    .. math:: E_{p(x, y)} f - e^{-1} E_{p(x) p(y)} e^f \le I(x; y)

    Unbiased for its critic; its spread grows exponentially with the information.

    References:
        | Estimating divergence functionals (Nguyen, Wainwright & Jordan, 2010)
        | https://arxiv.org/abs/0809.0853
    """
    critic = Critic(x, y, generator, width)
    critic.fit(x, y, generator, k, steps, scores.nwj)
    return critic.report(x, y, scores.nwj, bound="lower")


@stacked
def nwj_js(
    x: Side, y: Side, generator: Generators, *, k=128, width=64, steps=2000
) -> list[Estimate]:
    r"""The bound `nwj` of I(x; y), by a critic trained on the Jensen-Shannon objective.

    Its best critic is the log-ratio itself, so f + 1 is what is reported by `nwj`. The training is
    steadier, as no single pair can weigh much in it.

    References:
        | On Variational Bounds of Mutual Information (Poole et al., 2019)
        | https://arxiv.org/abs/1905.06922
    """
    critic = Critic(x, y, generator, width)
    critic.fit(x, y, generator, k, steps, scores.js)
    return critic.report(x, y, lambda f: scores.nwj(f + 1), bound="lower")


@stacked
def tuba(x: Side, y: Side, generator: Generators, *, k=128, width=64, steps=2000) -> list[Estimate]:
    r"""The tractable unnormalised lower bound of I(x; y), with a learned baseline a(y).

    .. math:: 1 + E_{p(x, y)} \log \frac{e^f}{a(y)} - E_{p(x) p(y)} \frac{e^f}{a(y)} \le I(x; y)

    The baseline is a network of its own. Critics that may add any function of y, as here, make
    this another parametrisation of `nwj`, with the same optimum.

    References:
        | On Variational Bounds of Mutual Information (Poole et al., 2019)
        | https://arxiv.org/abs/1905.06922
    """
    critic = Critic(x, y, generator, width, baseline=True)
    critic.fit(x, y, generator, k, steps, scores.nwj)
    return critic.report(x, y, scores.nwj, bound="lower")


@stacked
def infonce(
    x: Side, y: Side, generator: Generators, *, k=128, width=64, steps=2000
) -> list[Estimate]:
    r"""InfoNCE's lower bound of I(x; y), at most ln K.

    .. math:: E \frac1K \sum_i \log
        \frac{e^{f(x_i, y_i)}}{\frac1K \sum_j e^{f(x_i, y_j)}} \le I(x; y)

    K is k, or the size of the reported part where that is less. An estimate within 5% of ln K says
    that the information may be anything above, and is flagged.

    References:
        | Representation Learning with Contrastive Predictive Coding (van den Oord et al., 2018)
        | https://arxiv.org/abs/1807.03748
    """
    critic = Critic(x, y, generator, width)
    critic.fit(x, y, generator, k, steps, scores.infonce)
    k = min(k, x.report.shape[1])
    return critic.report(x, y, scores.infonce, k, bound="lower", ceiling=math.log(k))


@stacked
def interpolated(
    x: Side, y: Side, generator: Generators, *, alpha=0.5, k=128, width=64, steps=2000
) -> list[Estimate]:
    r"""The lower bound of I(x; y) between `nwj` (alpha 0) and `infonce` (alpha 1).

    .. math:: 1 + E \log \frac{e^{f(x_1, y)}}{\alpha m(y; x_{1:K}) + 1 - \alpha}
        - E \frac{e^{f(x_1, y')}}{\alpha m(y'; x_{1:K}) + 1 - \alpha}, \quad
        m(y; x_{1:K}) = \frac1K \sum_i e^{f(x_i, y)}

    where y goes with x_1 and y' with none. K is one less than the batch. The ceiling that can be
    proved is ln(K / alpha), plus 1 where alpha < 1; an estimate within 5% of it is flagged.

    References:
        | On Variational Bounds of Mutual Information (Poole et al., 2019)
        | https://arxiv.org/abs/1905.06922
    """
    critic = Critic(x, y, generator, width)

    def bound(f: Tensor) -> Tensor:
        return scores.interpolated(f, alpha)

    critic.fit(x, y, generator, k, steps, bound)
    k = min(k, x.report.shape[1])
    ceiling = math.log((k - 1) / alpha) + (alpha < 1) if alpha else math.nan
    return critic.report(x, y, bound, k, bound="lower", ceiling=ceiling)


@stacked
def smile(
    x: Side, y: Side, generator: Generators, *, tau=5.0, k=128, width=64, steps=2000
) -> list[Estimate]:
    r"""SMILE: `dv` with the ratio clipped, by a critic trained on the Jensen-Shannon objective.

    .. math:: E_{p(x, y)} f - \log E_{p(x) p(y)} e^{\max(-\tau, \min(\tau, f))}

    Clipping trades the spread of `dv` for a bias: the number is neither a lower nor an upper bound.

    References:
        | Understanding the Limitations of Variational Mutual Information Estimators
        | (Song & Ermon, 2020) https://arxiv.org/abs/1910.06222
    """
    critic = Critic(x, y, generator, width)
    critic.fit(x, y, generator, k, steps, scores.js)
    return critic.report(x, y, lambda f: scores.smile(f, tau))
