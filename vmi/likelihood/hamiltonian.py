r"""Annealed importance sampling from N(0, I) by Hamiltonian transitions, for any log-ratio.

The path of densities is :math:`f_b(u) = N(u; 0, I)\, e^{b\, r(u)}` for b from 0 to 1. States are
(chains, N, G): N problems of G dimensions at once, each with as many chains.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["Leapfrog", "State", "adapt", "anneal", "follow", "schedule", "transition"]

TARGET = 0.8  # of the proposals should be accepted: .65 left gaps up to twice as wide
RATE = 0.1  # of the step size's logarithm, a transition and unit of acceptance
FIRST = 0.5  # step size

LogRatio = Callable[[Tensor], tuple[Tensor, Tensor]]  # r(u), (chains, N), and its gradient


@dataclass(frozen=True)
class State:
    """Where the chains are: u, (chains, N, G), with r(u) and its gradient."""

    u: Tensor
    value: Tensor
    slope: Tensor

    @classmethod
    def at(cls, ratio: LogRatio, u: Tensor) -> "State":
        """Creates the state at u."""
        return cls(u, *ratio(u))

    def log_density(self, beta: Tensor) -> Tensor:
        """Returns log f_b up to a constant, (chains, N)."""
        return beta * self.value - (self.u**2).sum(-1) / 2

    def force(self, beta: Tensor) -> Tensor:
        """Returns the gradient of log f_b, (chains, N, G)."""
        return beta * self.slope - self.u


@dataclass(frozen=True)
class Leapfrog:
    """How Hamilton's equations are followed: so many steps, of these sizes, (N,) or (chains, N)."""

    size: Tensor
    steps: int


def schedule(temperatures: int, sharpness: float = 4.0) -> Tensor:
    r"""Returns b_0 = 0 to b_T = 1, (T + 1,), closest to each other at both ends.

    .. math::
        b_t = \frac{\sigma(\delta (2 t / T - 1)) - \sigma(-\delta)}
            {\sigma(\delta) - \sigma(-\delta)}

    Args:
        temperatures: T.
        sharpness: :math:`\delta`.
    """
    path = torch.linspace(-1, 1, temperatures + 1, dtype=torch.float64).mul(sharpness).sigmoid()
    return (path - path[0]) / (path[-1] - path[0])


def transition(
    ratio: LogRatio, state: State, beta: Tensor, leapfrog: Leapfrog, generator: torch.Generator
) -> tuple[State, Tensor]:
    """Moves the chains so that f_b stays as it is; returns where they are, and how likely each was.

    A fresh momentum, leapfrog steps, and a decision by the energy's change, which makes it exact
    whatever the step size. Each chain shortens its steps by a random factor, down to a half, lest
    it comes back to where it was. A proposal whose energy is no number is refused.

    Returns:
        The state, and the probability with which each chain's proposal was accepted, (chains, N).
    """
    momentum = torch.randn(state.u.shape, generator=generator, dtype=torch.float64).to(state.u)
    shape = (2, *state.value.shape)
    decision, shorter = torch.rand(shape, generator=generator, dtype=torch.float64).to(state.u)
    shortened = Leapfrog(leapfrog.size * (1 - shorter / 2), leapfrog.steps)
    proposal, arrived = follow(ratio, state, momentum, beta, shortened)
    before = state.log_density(beta) - (momentum**2).sum(-1) / 2
    after = proposal.log_density(beta) - (arrived**2).sum(-1) / 2
    probability = (after - before).nan_to_num(nan=-torch.inf).exp().clamp(max=1)
    return _choose(decision < probability, proposal, state), probability


def anneal(
    ratio: LogRatio,
    u: Tensor,
    path: Tensor,
    sizes: Tensor,
    generator: torch.Generator,
    *,
    leapfrogs: int,
) -> Tensor:
    r"""Returns log-weights with :math:`E\, w = Z_{b_T} / Z_{b_0}`, (chains, N).

    .. math:: \log w = \sum_t (b_{t+1} - b_t)\, r(u_t)

    and between two terms a transition at the temperature they share. It runs either way: from 1 to
    0, its weights are those of Z_0 / Z_1.

    Args:
        ratio: r and its gradient.
        u: Exact samples at the first temperature, (chains, N, G).
        path: The temperatures, (T + 1,).
        sizes: Of the steps at those between the first and the last, (T - 1, N). They must not have
            been chosen on these very chains, or the expectation is no longer exact.
        generator: Of momenta and decisions.
        leapfrogs: Steps of each transition.
    """
    state = State.at(ratio, u)
    log_w = (path[1] - path[0]) * state.value
    for here, beyond, size in zip(path[1:-1], path[2:], sizes, strict=True):
        state, _ = transition(ratio, state, here, Leapfrog(size, leapfrogs), generator)
        log_w = log_w + (beyond - here) * state.value
    return log_w


def adapt(
    ratio: LogRatio, u: Tensor, path: Tensor, generator: torch.Generator, *, leapfrogs: int
) -> Tensor:
    """Returns a step size for each temperature between the first and the last, (T - 1, N).

    A run of its own, in which each problem's step grows while more than 80% of what its chains
    propose is accepted, and shrinks while it is less.

    Args:
        ratio: r and its gradient.
        u: Samples at the first temperature, (chains, N, G).
        path: The temperatures, (T + 1,).
        generator: Of momenta and decisions.
        leapfrogs: Steps of each transition.

    References:
        | On the Quantitative Analysis of Decoder-Based Generative Models (Wu et al., 2017)
        | https://arxiv.org/abs/1611.04273
    """
    state, size = State.at(ratio, u), torch.full_like(u[0, :, 0], FIRST)
    sizes = []
    for beta in path[1:-1]:
        state, probability = transition(ratio, state, beta, Leapfrog(size, leapfrogs), generator)
        size = size * (RATE * (probability.mean(0) - TARGET)).exp()
        sizes.append(size)
    return torch.stack(sizes) if sizes else size.new_empty(0, len(size))


def follow(
    ratio: LogRatio, state: State, momentum: Tensor, beta: Tensor, leapfrog: Leapfrog
) -> tuple[State, Tensor]:
    """Returns where Hamilton's equations lead from a state and a momentum, both (chains, N, G)."""
    size = leapfrog.size[..., None]
    for _ in range(leapfrog.steps):
        momentum = momentum + size / 2 * state.force(beta)
        state = State.at(ratio, state.u + size * momentum)
        momentum = momentum + size / 2 * state.force(beta)
    return state, momentum


def _choose(accepted: Tensor, new: State, old: State) -> State:
    wide = accepted[..., None]
    return State(
        torch.where(wide, new.u, old.u),
        torch.where(accepted, new.value, old.value),
        torch.where(wide, new.slope, old.slope),
    )
