"""What learned priors share: a small network, and its fit to codes with an early stop."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Generator, Tensor, nn

from vmi.errors import NotApplicable
from vmi.nets.codes import Codes
from vmi.nets.joint_code import JointCode
from vmi.nets.latents import Latents
from vmi.training.adam import Adam

__all__ = [
    *("CONVENTION", "Split", "climb", "draw_codes", "initialise", "mlp", "seeded", "split"),
]

HELD = 0.2  # of the codes, to stop by
LEAST = 10  # codes, of which two are held out
DRAWS = 4000  # of the held-out codes, at least, on which a look is taken
LOOK, PATIENCE = 50, 10  # steps between two looks at the held-out value; looks without a better one
MEMORY = 0.98  # of the moving average of the weights, which is what is looked at and kept
CONVENTION = "fitted on 80% of the training codes, stopped by 20%"

# Of codes z ~ q(z), (B, size), and a generator of whatever else is drawn: terms, (B,).
Objective = Callable[[Tensor, Generator], Tensor]


@dataclass(frozen=True)
class Split:
    """Posteriors to fit to, and others to stop by.

    Attributes:
        fit: q(z|x) of some images.
        held: q(z|x) of the others.
    """

    fit: JointCode
    held: JointCode


def split(codes: Codes, generator: Generator) -> Split:
    """Splits codes at random, by their images.

    Raises:
        NotApplicable: There are fewer than ten, or they have no width.
    """
    if len(codes) < LEAST:
        raise NotApplicable(
            f"a prior is fitted to {LEAST} codes at least, and there are {len(codes)}"
        )
    order, held = torch.randperm(len(codes), generator=generator), round(HELD * len(codes))
    posterior = codes.posterior
    return Split(posterior[order[held:]], posterior[order[:held]])


def draw_codes(q: JointCode, n: int, latents: Latents, generator: Generator) -> Tensor:
    """Draws n codes of the aggregate of posteriors, (n, size), in float64.

    Of as many posteriors as there are each gives one, before one gives another.
    """
    count = q.batch_shape[0]
    rounds = [torch.randperm(count, generator=generator) for _ in range(-(-n // count))]
    chosen = q[torch.cat(rounds)[:n]]
    return chosen.sample_from(latents.draw_noise((n,), generator).double())


def mlp(inputs: int, outputs: int, hidden: int) -> nn.Sequential:
    """Creates inputs - hidden - hidden - outputs, smooth, so that it has gradients everywhere."""
    return nn.Sequential(
        nn.Linear(inputs, hidden),
        nn.SiLU(),
        nn.Linear(hidden, hidden),
        nn.SiLU(),
        nn.Linear(hidden, outputs),
    )


def initialise(module: nn.Module, generator: Generator) -> None:
    """Draws the initial weights of a module anew, from a generator."""
    with seeded(generator):
        for part in module.modules():
            if hasattr(part, "reset_parameters"):
                part.reset_parameters()


@contextmanager
def seeded(generator: Generator) -> Iterator[None]:
    """Lets torch's own generator start from another, as its initialisers take none."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_seed(generator))
        yield


def climb(
    module: nn.Module,
    objective: Objective,
    codes: Split,
    latents: Latents,
    generator: Generator,
    *,
    steps: int,
    batch_size: int = 256,
    learning_rate: float = 1e-3,
) -> Tensor:
    """Maximises the mean of an objective over q(z), and leaves the module where it was best.

    Every step draws fresh codes of the posteriors that are fitted to. A moving average of the
    parameters is looked at on draws of those that are held out, the same at each look, and the best
    one stays; after ten looks without a better one it ends.

    Args:
        module: Whose parameters move.
        objective: Of a batch of codes.
        codes: To fit to, and to stop by.
        latents: What the codes are made of.
        generator: Of codes and batches.
        steps: At most so many.
        batch_size: Codes a step.
        learning_rate: Adam's.

    Returns:
        The held-out draws, (n, size).

    Raises:
        NotApplicable: The objective is a number at no look.
    """
    moving = list(module.parameters())
    mean, best = _copies(moving), _copies(moving)
    adam, top, waited = Adam(moving, learning_rate), -math.inf, 0
    held, seed = draw_codes(codes.held, DRAWS, latents, generator), _seed(generator)
    for step in range(1, steps + 1):
        z = draw_codes(codes.fit, batch_size, latents, generator)
        adam.minimise(-objective(z, generator).mean())
        torch._foreach_lerp_(mean, _copies(moving), 1 - min(MEMORY, step / (step + 9)))
        if step % LOOK and step != steps:
            continue
        now = _copies(moving)
        _put(moving, mean)
        with torch.no_grad():
            value = float(objective(held, Generator().manual_seed(seed)).mean())
        better = value > top
        top, waited = (value, 0) if better else (top, waited + 1)
        best = _copies(moving) if better else best
        _put(moving, now)
        if waited >= PATIENCE:
            break
    _put(moving, best)
    if top == -math.inf:
        raise NotApplicable("the fit of the prior diverged: its objective was never a number")
    return held


def _seed(generator: Generator) -> int:
    return int(torch.randint(2**62, (), generator=generator))


def _copies(tensors: list[nn.Parameter]) -> list[Tensor]:
    return [t.detach().clone() for t in tensors]


@torch.no_grad()
def _put(tensors: list[nn.Parameter], values: list[Tensor]) -> None:
    torch._foreach_copy_(tensors, values)
