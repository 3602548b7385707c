"""How well a tilted prior's weight is learned, and what drawing by it costs."""

import math
from dataclasses import replace

import torch
from torch.nn.functional import softplus

from vmi.errors import NotApplicable
from vmi.estimate import Estimate, mean_estimate
from vmi.nets.codes import Codes
from vmi.nets.densities import sample
from vmi.priors.langevin import langevin
from vmi.priors.prior import Prior
from vmi.priors.tilted import Tilted, effective_size

__all__ = ["discriminator", "langevin_acceptance", "resampling"]

SIZES = (5, 50, 500, 5000)  # M
POOLS = 50  # of M proposals each, whose effective number is averaged


@torch.no_grad()
def discriminator(
    codes: Codes, prior: Prior, generator: torch.Generator, *, draws: int = 10_000
) -> list[Estimate]:
    r"""Returns how well the weight of a tilted prior tells codes from draws of N(0, I).

    With :math:`D = r / (1 + r)`, on codes that it was not fitted to and as many draws of the prior:

    - the whole: the accuracy of :math:`D > 1/2`; chance is 1/2.
    - `cross-entropy`: :math:`-\frac12 E_q \log D - \frac12 E_p \log(1 - D)` in nats; chance is ln
      2, and the best D is below that by the Jensen-Shannon divergence.
    - `log-z`: :math:`\log \hat Z`, :math:`\hat Z` the mean weight of `draws` draws of the prior; 0
      of the best D.
    - `inverse`: :math:`E_q 1 / r`, 1 of the best D.
    - `donsker-varadhan`: :math:`E_q \log r - \log \hat Z`, a lower bound on :math:`KL(q \| p)` for
      every r, but for the error of :math:`\hat Z`, whose logarithm is too low on average.

    Args:
        codes: N posteriors.
        prior: Tilted.
        generator: Of the samples.
        draws: Of the prior.

    Raises:
        NotApplicable: The prior has no weight.

    References:
        | A Contrastive Learning Approach for Training Variational Autoencoder Priors
        | (Aneja et al., 2021), https://arxiv.org/abs/2010.02917
        | Asymptotic Evaluation of Certain Markov Process Expectations for Large Time, IV
        | (Donsker & Varadhan, 1983), https://doi.org/10.1002/cpa.3160360204
    """
    weight = _tilted(prior)
    _, z = sample(codes, generator)
    ours, theirs = weight.log_ratio(z), weight.weigh(len(z), generator)
    right = torch.cat([ours > 0, theirs < 0]).double()
    loss = (softplus(-ours) + softplus(theirs)) / 2
    log_r = weight.weigh(draws, generator)
    log_z, size = float(log_r.logsumexp(0)) - math.log(draws), float(effective_size(log_r))
    error = math.sqrt(max(1 / size - 1 / draws, 0.0))
    told = mean_estimate(ours)
    of_draws = f"{draws} draws of the prior"
    about = {"warning": prior.warning}
    accuracy = float(right.mean())
    spread = math.sqrt(accuracy * (1 - accuracy) / len(right))
    return [
        Estimate(accuracy, spread, ceiling=1.0, n=len(right), convention="chance is .5", **about),
        mean_estimate(loss, "cross-entropy", convention="chance is ln 2", **about),
        Estimate(log_z, error, "nats", n=draws, part="log-z", convention=of_draws, **about),
        _inverse(ours, **about),
        Estimate(
            told.value - log_z,
            math.hypot(told.stderr, error),
            "nats",
            "lower",
            n=len(z),
            part="donsker-varadhan",
            convention=of_draws,
            **about,
        ),
    ]


@torch.no_grad()
def resampling(
    codes: Codes, prior: Prior, generator: torch.Generator, *, most: int = 500
) -> list[Estimate]:
    r"""Returns what M proposals of a tilted prior are worth, for M = 5, 50, 500 and 5,000.

    - `effective-M`: the effective number of proposals, :math:`(\sum r)^2 / \sum r^2`, 1 where one
      of them is all that is ever drawn; at most M, which is the ceiling.
    - `distinct-M`: the share of distinct ones among M draws from one pool of M, with replacement.
      `Tilted.sample` draws a pool for each of its draws, and so repeats none.
    - `won-M`: :math:`E_q \log p_M(z) / p(z)` in nats, what the sampler of M proposals wins; at most
      ln M, which is the ceiling.
    - the whole: the effective share of the prior's own M.

    Args:
        codes: Posteriors.
        prior: Tilted.
        generator: Of the samples.
        most: Codes on which `won-M` is computed, evenly spread.

    Raises:
        NotApplicable: The prior has no weight.

    References:
        | Energy-Inspired Models: Learning with Sampler-Induced Distributions (Lawson et al., 2019)
        | https://arxiv.org/abs/1910.14265
    """
    weight, about = _tilted(prior), {"warning": prior.warning}
    _, z = sample(codes.thinned(most), generator)
    found = [_effective(weight, weight.proposals, generator)[0] / weight.proposals]
    whole = mean_estimate(found[0], ceiling=1.0, convention=prior.convention, **about)
    made = [_plain(whole)]
    for m in SIZES:
        effective, distinct = _effective(weight, m, generator)
        won = weight.gain(z, generator, m)
        made += [
            _plain(mean_estimate(effective, f"effective-{m}", ceiling=m, **about)),
            _plain(mean_estimate(distinct, f"distinct-{m}", ceiling=1.0, **about)),
            mean_estimate(won, f"won-{m}", "lower", ceiling=math.log(m), **about),
        ]
    return made


def langevin_acceptance(
    codes: Codes, prior: Prior, generator: torch.Generator, *, steps: int = 100
) -> Estimate:
    """Returns the share of moves that are accepted of chains of Langevin dynamics.

    Args:
        codes: As many chains are walked as there are, and at most 200.
        prior: Tilted.
        generator: Of the chains.
        steps: Of each; see `vmi.priors.langevin.langevin`.

    Raises:
        NotApplicable: The prior has no weight, or the code no Gaussian block.

    References:
        | Exponential Convergence of Langevin Distributions and Their Discrete Approximations
        | (Roberts & Tweedie, 1996), https://doi.org/10.2307/3318418
    """
    weight, chains = _tilted(prior), min(len(codes), 200)
    codes.gaussian_block()  # without one nothing moves
    walked = langevin(weight, chains, generator, steps=steps)
    convention = f"{chains} chains of {steps} steps of size .1"
    return Estimate(
        walked.acceptance, ceiling=1.0, n=chains, convention=convention, warning=prior.warning
    )


def _tilted(prior: Prior) -> Tilted:
    if not isinstance(prior, Tilted):
        raise NotApplicable("the prior has no weight on N(0, I)")
    return prior


def _effective(
    weight: Tilted, m: int, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """The effective number of proposals of each pool, and the share that is distinct of M draws.

    A proposal of probability w is among M draws with probability 1 - (1 - w)^M.
    """
    log_r = torch.stack([weight.weigh(m, generator) for _ in range(POOLS)])
    shares = log_r.softmax(1)
    return effective_size(log_r), (1 - (1 - shares) ** m).mean(1)


def _inverse(log_r: torch.Tensor, **about: str) -> Estimate:
    mean = mean_estimate((-log_r).exp(), "inverse", convention="1 of the best weight", **about)
    return _plain(mean)


def _plain(estimate: Estimate) -> Estimate:
    """The same of a number that is none of nats."""
    return replace(estimate, unit="")
