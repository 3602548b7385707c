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
CONTEXTS, OF_CONTEXT = 100, 1000  # codes above a group, and draws of the prior below each


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

    Of a code with groups, accuracy and cross-entropy are means over the groups, `log-z` is the
    topmost's, and each other group k, from 2, has

    - `log-z-k`: the mean of :math:`\log \hat Z_k(z_{<k})` over contexts from codes.
    - `log-z-spread-k`: its standard deviation over contexts, 0 of the best D.

    Args:
        codes: N posteriors.
        prior: Tilted.
        generator: Of the samples.
        draws: Of the prior, at the top; a context has 1,000, and there are 100 contexts.

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
    groups = range(weight.groups)
    ours = torch.stack([weight.log_ratio(z, k) for k in groups])
    theirs = torch.stack([weight.weigh(len(z), generator, k, z) for k in groups])
    right = torch.cat([ours > 0, theirs < 0]).double().mean(0)
    loss = (softplus(-ours) + softplus(theirs)).mean(0) / 2
    told, about = ours.sum(0), {"warning": prior.warning}
    top = _log_z(weight.weigh(draws, generator), **about)
    below = [_log_z_below(weight, z, k, generator, **about) for k in groups[1:]]
    normalisers = [top, *(mean for mean, _ in below)]
    whole = mean_estimate(right, ceiling=1.0, convention="chance is .5", **about)
    return [
        _plain(whole),
        mean_estimate(loss, "cross-entropy", convention="chance is ln 2", **about),
        top,
        *(part for pair in below for part in pair),
        _inverse(told, **about),
        _donsker_varadhan(mean_estimate(told), normalisers, **about),
    ]


def _log_z(log_r: torch.Tensor, **about: str) -> Estimate:
    """The logarithm of the mean weight of draws of the prior, by the delta method."""
    draws, size = len(log_r), float(effective_size(log_r))
    value, error = (
        float(log_r.logsumexp(0)) - math.log(draws),
        max(1 / size - 1 / draws, 0.0) ** 0.5,
    )
    return Estimate(
        value, error, "nats", n=draws, part="log-z", convention=f"{draws} draws", **about
    )


def _log_z_below(
    weight: Tilted, z: torch.Tensor, group: int, generator: torch.Generator, **about: str
) -> tuple[Estimate, Estimate]:
    """The mean of log Z_k over contexts, and its spread over them."""
    contexts = z[torch.randperm(len(z), generator=generator)[:CONTEXTS]]
    log_z = weight.log_sum(contexts, OF_CONTEXT, generator, group) - math.log(OF_CONTEXT)
    convention = f"{len(contexts)} contexts of {OF_CONTEXT} draws"
    mean = mean_estimate(log_z, f"log-z-{group + 1}", convention=convention, **about)
    spread = Estimate(
        float(log_z.std()), unit="nats", n=len(log_z), part=f"log-z-spread-{group + 1}", **about
    )
    return mean, spread


def _donsker_varadhan(told: Estimate, normalisers: list[Estimate], **about: str) -> Estimate:
    """E log r less the logarithms of the normalisers, with the errors of all."""
    value = told.value - sum(z.value for z in normalisers)
    error = math.hypot(told.stderr, *(z.stderr for z in normalisers))
    of_draws = "; ".join(dict.fromkeys(z.convention for z in normalisers))
    return Estimate(
        value,
        error,
        "nats",
        "lower",
        n=told.n,
        part="donsker-varadhan",
        convention=of_draws,
        **about,
    )


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

    Of a code with K groups, effective and distinct proposals are means over the groups, with
    contexts from codes, and the ceiling of `won-M` is K ln M.

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
    effective, _ = _effective(weight, z, weight.proposals, generator)
    whole = mean_estimate(
        effective / weight.proposals, ceiling=1.0, convention=prior.convention, **about
    )
    made = [_plain(whole)]
    for m in SIZES:
        effective, distinct = _effective(weight, z, m, generator)
        won = weight.gain(z, generator, m)
        made += [
            _plain(mean_estimate(effective, f"effective-{m}", ceiling=m, **about)),
            _plain(mean_estimate(distinct, f"distinct-{m}", ceiling=1.0, **about)),
            mean_estimate(won, f"won-{m}", "lower", ceiling=weight.groups * math.log(m), **about),
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
    weight: Tilted, z: torch.Tensor, m: int, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """The effective number of proposals of each pool, and the share that is distinct of M draws.

    A proposal of probability w is among M draws with probability 1 - (1 - w)^M. Each group has
    pools of its own, below codes that are drawn from z.
    """
    pools = []
    for group in range(weight.groups):
        contexts = z[torch.randint(len(z), (POOLS,), generator=generator)] if group else z[:1]
        repeated = contexts.expand(POOLS, -1).repeat_interleave(m, 0)
        pools.append(weight.weigh(POOLS * m, generator, group, repeated).view(POOLS, m))
    log_r = torch.cat(pools)
    shares = log_r.softmax(1)
    return effective_size(log_r), (1 - (1 - shares) ** m).mean(1)


def _inverse(log_r: torch.Tensor, **about: str) -> Estimate:
    mean = mean_estimate((-log_r).exp(), "inverse", convention="1 of the best weight", **about)
    return _plain(mean)


def _plain(estimate: Estimate) -> Estimate:
    """The same of a number that is none of nats."""
    return replace(estimate, unit="")
