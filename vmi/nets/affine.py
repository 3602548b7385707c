"""An affine map whose matrix products are oneDNN's where those of the BLAS library are slow.

torch takes float32 products from MKL, which on processors of other makers than its own does without
half of their vector units; oneDNN, from which torch takes its convolutions, does not:
results/published/speed/products.csv. The result is the same but for the order of sums.

References:
    | oneAPI Deep Neural Network Library, matrix multiplication
    | https://uxlfoundation.github.io/oneDNN/dev_guide_matmul.html
"""

from functools import cache
from typing import Any

import torch
from torch import Tensor, nn

__all__ = ["Affine"]

SMALL = 2**14  # weights up to which starting oneDNN took longer than MKL's whole product


class Affine(nn.Linear):
    r"""The map :math:`y = x W^\top + b`, (B, inputs) to (B, outputs)."""

    def forward(self, x: Tensor) -> Tensor:
        """Returns the map of vectors, with the gradients that `torch.nn.Linear` has."""
        if self.weight.numel() <= SMALL or not _better(x):
            return super().forward(x)
        return _product(x, self.weight, self.bias)


def _product(x: Tensor, w: Tensor, b: Tensor | None = None) -> Tensor:
    return (_Product.apply if torch.is_grad_enabled() else _Product.forward)(x, w, b)


class _Product(torch.autograd.Function):
    """x (B, K) times the transpose of w (N, K), plus b (N,); its gradients are such products."""

    @staticmethod
    def forward(x: Tensor, w: Tensor, b: Tensor | None) -> Tensor:
        return torch.ops.mkldnn._linear_pointwise(x, w, b, "none", [], "")

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor, Tensor | None], _: Tensor) -> None:
        ctx.save_for_backward(*inputs[:2])
        ctx.save_for_forward(*inputs[:2])

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        (x, w), (of_x, of_w, of_b) = ctx.saved_tensors, ctx.needs_input_grad
        return (
            _product(gradient, w.t()) if of_x else None,
            _product(gradient.t(), x.t()) if of_w else None,
            gradient.sum(0) if of_b else None,
        )

    @staticmethod
    def jvp(ctx: Any, of_x: Tensor, of_w: Tensor, of_b: Tensor) -> Tensor:
        x, w = ctx.saved_tensors
        parts = [of_x @ w.t() if of_x is not None else 0, x @ of_w.t() if of_w is not None else 0]
        return sum(parts) + (of_b if of_b is not None else 0)

    @staticmethod
    def vmap(info: Any, dims: tuple[int | None, ...], *inputs: Tensor | None) -> tuple[Tensor, int]:
        x, w, b = (t if d is None else t.movedim(d, 0) for t, d in zip(inputs, dims, strict=True))
        y = x @ w.mT
        return (y if b is None else y + (b if dims[2] is None else b[:, None])), 0


def _better(x: Tensor) -> bool:
    """Whether oneDNN is the faster one, for what is to be multiplied."""
    if torch.compiler.is_compiling() or torch.is_autocast_enabled("cpu"):
        return False
    plain = x.dtype == torch.float32 and x.device.type == "cpu" and x.dim() == 2
    return plain and _mkl_is_slow()


@cache
def _mkl_is_slow() -> bool:
    able = torch.cpu.get_capabilities()
    wide = able.get("avx512_f", False) and "AMD" in able.get("cpu_name", "")
    known = torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_linear_pointwise")
    return wide and torch.backends.mkl.is_available() and known
