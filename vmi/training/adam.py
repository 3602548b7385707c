"""Adam, by torch's functional form."""

from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor
from torch.optim.adam import adam

__all__ = ["Adam"]


class Adam:
    r"""Minimises by Adam with its default moments, :math:`\beta = (.9, .999), \epsilon = 10^{-8}`.

    The same arithmetic as `torch.optim.Adam`, called without its class: the class imports torch's
    compiler at its first step, which takes longer than a small training.

    Args:
        parameters: What to move, in place.
        learning_rate: Of every parameter.

    References:
        | Adam: A Method for Stochastic Optimization (Kingma & Ba, 2015)
        | https://arxiv.org/abs/1412.6980
    """

    def __init__(self, parameters: Iterable[Tensor], learning_rate: float) -> None:
        self.parameters, self.learning_rate = list(parameters), learning_rate
        self.means = [torch.zeros_like(p) for p in self.parameters]
        self.squares = [torch.zeros_like(p) for p in self.parameters]
        self.steps = [torch.zeros((), device=p.device) for p in self.parameters]

    def state(self) -> dict[str, Tensor]:
        """Returns what a step changes besides the parameters, by name: the tensors themselves."""
        kept = {"mean": self.means, "square": self.squares, "step": self.steps}
        return {f"{name}/{i}": t for name, each in kept.items() for i, t in enumerate(each)}

    def minimise(
        self, loss: Tensor, clip: Callable[[Sequence[Tensor]], None] | None = None
    ) -> None:
        """Takes a step down the gradient of a scalar; a parameter it does not touch stays.

        Args:
            loss: The scalar.
            clip: Changes the gradients in place before the step.
        """
        gradients = torch.autograd.grad(
            loss, self.parameters, allow_unused=True, materialize_grads=True
        )
        with torch.no_grad():
            if clip is not None:
                clip(gradients)
            adam(
                self.parameters,
                [_laid_out_as(p, g) for p, g in zip(self.parameters, gradients, strict=True)],
                self.means,
                self.squares,
                [],
                self.steps,
                fused=True,
                amsgrad=False,
                beta1=0.9,
                beta2=0.999,
                lr=self.learning_rate,
                weight_decay=0.0,
                eps=1e-8,
                maximize=False,
            )


def _laid_out_as(parameter: Tensor, gradient: Tensor) -> Tensor:
    """A gradient in its parameter's memory layout: the fused kernel reads both side by side."""
    if gradient.stride() == parameter.stride():
        return gradient
    return torch.empty_like(parameter).copy_(gradient)
