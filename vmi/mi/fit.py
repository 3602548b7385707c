"""Fits a stack of S networks at once, each to its own problem, with its own generator."""

import math
from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor

from vmi.training.adam import Adam

__all__ = ["Generators", "Network", "batches", "draw", "fit"]

RATE = 2e-3  # of Adam
DECAY, DECAY_ROWS = 5.0, 20_000.0  # of the weights at first: the latter over N, at most the former
LINEAR = 0.2  # of that for linear maps
MEMORY = 0.98  # of the moving average of the weights
LOOK, PATIENCE = 25, 12  # steps between two looks at the held-out value; looks without a better one
STEEP = 2.0  # times its usual norm, beyond which a gradient is clipped

Generators = Sequence[torch.Generator]


class Network:
    r"""S networks of two hidden layers beside a linear map.

    .. math:: x \mapsto x A + b + r(r(x W_1 + b_1) W_2 + b_2) W_3, \quad r(u) = \max(u, 0)

    Args:
        generators: One a network, of its initial weights.
        inputs: Columns of x.
        width: Of the hidden layers.
        outputs: Columns of what is returned.
        scale: Of the initial A and W_3: small, so that a fit starts near a constant.
        masks: Of A, W_1, W_2 and W_3, 1 where a weight may differ from 0; all may by default.
        rest: What share of its initial value a weight shrinks to. The product of two networks
            wants some: at 0 for both it has no gradient, and strong decay would leave it there.
    """

    def __init__(
        self,
        generators: Generators,
        inputs: int,
        width: int,
        outputs: int,
        scale: float = 0.3,
        masks: Sequence[Tensor] | None = None,
        rest: float = 0.0,
    ) -> None:
        shapes = [(inputs, outputs), (inputs, width), (width, width), (width, outputs)]
        scales = [scale, math.sqrt(2), math.sqrt(2), scale]
        self.masks = masks
        self.weights = [
            draw(generators, *shape).mul_(s / math.sqrt(shape[0])).requires_grad_()
            for shape, s in zip(shapes, scales, strict=True)
        ]
        self.rest = [rest * w.detach() for w in self.weights]
        self.biases = [
            torch.zeros(len(generators), 1, n, requires_grad=True) for n in (outputs, width, width)
        ]

    @property
    def parameters(self) -> list[Tensor]:
        """All that is fitted, each (S, ...)."""
        return [*self.weights, *self.biases]

    def shrink(self, rate: float) -> None:
        """Moves weights by a share to where they rest; the linear map less, as it overfits less."""
        torch._foreach_lerp_(self.weights[1:], self.rest[1:], rate)
        self.weights[0].lerp_(self.rest[0], LINEAR * rate)

    def __call__(self, x: Tensor) -> Tensor:
        """Maps (S, N, inputs) to (S, N, outputs)."""
        linear, first, second, last = self.weights
        if self.masks is not None:
            linear, first, second, last = map(torch.mul, self.weights, self.masks)
        offset, *biases = self.biases
        h = torch.baddbmm(biases[0], x, first).relu_()
        h = torch.baddbmm(biases[1], h, second).relu_()
        return torch.baddbmm(torch.baddbmm(offset, x, linear), h, last)


def draw(generators: Generators, *shape: int) -> Tensor:
    """Draws standard normal numbers, (S, ...), each problem's by its own generator."""
    return torch.stack([torch.randn(*shape, generator=g) for g in generators])


def batches(tensors: Sequence[Tensor], generators: Generators, k: int) -> Iterator[list[Tensor]]:
    """Yields batches of k rows of tensors (S, N, D) for ever, in an order drawn anew each epoch."""
    n = tensors[0].shape[1]
    problems = torch.arange(len(generators))[:, None]
    while True:
        order = torch.stack([torch.randperm(n, generator=g) for g in generators])
        shuffled = [t[problems, order] for t in tensors]
        for start in range(0, n - k + 1, k):
            yield [t[:, start : start + k] for t in shuffled]


def fit(
    networks: Sequence[Network],
    objective: Callable[[list[Tensor]], Tensor],
    data: Sequence[Tensor],
    held: Callable[[], Tensor],
    generators: Generators,
    *,
    k: int,
    steps: int,
    fading: int | None = None,
    least: int = 0,
    decay_rows: float = DECAY_ROWS,
) -> None:
    """Climbs each problem's objective and leaves it where its held-out value was best.

    What is looked at, and left, is a moving average of the weights. Their decay starts the
    stronger, the fewer rows there are, and fades to 0: one path from plain functions to involved
    ones, and the held-out value says where to stop: after PATIENCE looks without a better one. A
    gradient far steeper than usual is clipped: one outlier would fill Adam's memory of squares,
    and all but stop the fit for a thousand steps.

    Args:
        networks: What is fitted, in place.
        objective: What to climb, (S, K), of a batch.
        data: Tensors (S, N, D) that the batches come from.
        held: The held-out values, (S,); one that is not a number is never the best.
        generators: One a problem.
        k: Rows of a batch.
        steps: At most so many.
        fading: Steps until the decay is 0; all of them by default.
        least: Steps before looks without a better one count.
        decay_rows: The decay at first, times N.
    """
    moving = [p for network in networks for p in network.parameters]
    mean, best = _copies(moving), _copies(moving)
    adam, training, clip = Adam(moving, RATE), batches(data, generators, k), Clip()
    fading = fading or steps
    decay = RATE * min(DECAY, decay_rows / data[0].shape[1])
    top, waited = _value(held), torch.zeros(len(generators))
    for step in range(1, steps + 1):
        adam.minimise(-objective(next(training)).mean(1).sum(), clip)
        with torch.no_grad():
            for network in networks:
                network.shrink(decay * max(1 - step / fading, 0) ** 2)
            torch._foreach_lerp_(mean, moving, 1 - min(MEMORY, step / (step + 9)))
        if step % LOOK and step != steps:
            continue
        now = _copies(moving)
        _put(moving, mean)
        value = _value(held)
        _put(moving, now)
        better = (value > top) & (waited < PATIENCE)
        top, waited = (
            torch.where(better, value, top),
            torch.where(better, 0, waited + (step > least)),
        )
        best = [_choose(better, m, b) for m, b in zip(mean, best, strict=True)]
        if (waited >= PATIENCE).all():
            break
    _put(moving, best)


class Clip:
    """Scales down each problem's gradient where its norm is beyond STEEP times what is usual."""

    def __init__(self) -> None:
        self.usual: Tensor | None = None

    def __call__(self, gradients: Sequence[Tensor]) -> None:
        """Clips gradients (S, ...) in place."""
        norm = torch.stack([g.flatten(1).norm(dim=1) for g in gradients]).norm(dim=0)
        usual = norm if self.usual is None else self.usual
        clipped = torch.minimum(norm, STEEP * usual)
        self.usual = 0.95 * usual + 0.05 * clipped
        share = clipped / norm.clamp_min(torch.finfo(norm.dtype).tiny)
        for gradient in gradients:
            gradient.mul_(share.view(-1, *[1] * (gradient.dim() - 1)))


@torch.no_grad()
def _value(held: Callable[[], Tensor]) -> Tensor:
    return held().nan_to_num(nan=-math.inf)


def _copies(tensors: Sequence[Tensor]) -> list[Tensor]:
    return [t.detach().clone() for t in tensors]


@torch.no_grad()
def _put(tensors: Sequence[Tensor], values: Sequence[Tensor]) -> None:
    torch._foreach_copy_(tensors, values)


def _choose(better: Tensor, new: Tensor, old: Tensor) -> Tensor:
    return torch.where(better.view(-1, *[1] * (new.dim() - 1)), new, old)
