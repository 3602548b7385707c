"""How exact the products in the networks of a training are."""

from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Literal, get_args

import torch

from vmi.errors import unknown

__all__ = ["Precision", "choose_precision", "products"]

Precision = Literal["auto", "float32", "bfloat16"]


def choose_precision(precision: Precision, engine: str, device: str) -> Precision:
    """Returns the precision itself, or for "auto" what is fast here in an engine.

    bfloat16 is float32 with 8 bits of mantissa in place of 24. Where a processor multiplies pairs
    of it (AVX-512 BF16, AMX), products take a half to a quarter of the time; elsewhere it would be
    emulated, and slower. The vectorised engine is for small models, which spend their time on other
    things. A rule and not a stopwatch: the same processor gives the same bits twice.

    Raises:
        UserError: It is none of the three.
    """
    if precision not in get_args(Precision):
        raise unknown("precision", precision, get_args(Precision))
    if precision != "auto":
        return precision
    able = engine == "loop" and device == "cpu" and _multiplies_bfloat16()
    return "bfloat16" if able else "float32"


def products(precision: Precision, device: str = "cpu") -> AbstractContextManager:
    """A context in which matrix products and convolutions of float32 have a precision.

    With "bfloat16" their factors are rounded to it and their sums are taken in float32. Weights,
    gradients as the optimiser sees them and its state stay in float32, and so does the loss, as
    coders hand back what they were given (`vmi.nets.coders`). float64 is left alone.

    References:
        | A Study of BFLOAT16 for Deep Learning Training (Kalamkar et al., 2019)
        | https://arxiv.org/abs/1905.12322
        | Mixed Precision Training (Micikevicius et al., 2018)
        | https://arxiv.org/abs/1710.03740
    """
    if precision == "float32":
        return nullcontext()
    return torch.autocast(torch.device(device).type, torch.bfloat16)


@cache
def _multiplies_bfloat16() -> bool:
    able = torch.cpu.get_capabilities()
    return bool(able.get("avx512_bf16") or able.get("amx_bf16"))
