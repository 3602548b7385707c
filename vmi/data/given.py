"""Arrays of a user for a data set: taken as tensors, or refused with the line that mends them."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from vmi.arrays import class_problem
from vmi.errors import UserError, reason

__all__ = ["factors_given", "images_given", "labels_given", "range_problem"]

CHANNELS = (1, 3, 4)  # grey, colours, colours with opacity
SHADES = 16  # floats beyond it, none of them negative, are most likely shades in 0 ... 255


def images_given(images: Any) -> Tensor:
    """Returns images of NumPy, torch or lists as a tensor (N, C, H, W).

    Truth values become 0 and 1, and NumPy's floats float32.

    Raises:
        UserError: They are no such images; the message says what to write.
    """
    taken = _tensor("images", images)
    if taken.dtype == torch.bool or (taken.dtype.is_floating_point and not torch.is_tensor(images)):
        taken = taken.float()
    shape = tuple(taken.shape)
    if len(shape) == 3:
        raise UserError(f"images are {shape}, not (N, C, H, W): write images[:, None] if grey")
    if len(shape) != 4:
        raise UserError(f"images are {shape}, not (N, C, H, W)")
    if shape[3] in CHANNELS and shape[1] not in CHANNELS and shape[1] > max(CHANNELS):
        turned = "permute" if torch.is_tensor(images) else "transpose"
        mended = f"write images.{turned}(0, 3, 1, 2)"
        raise UserError(f"images are {shape}, with channels last, not (N, C, H, W): {mended}")
    return taken


def labels_given(labels: Any, n: int) -> Tensor | None:
    """Returns a class an image, (N,) int64; None stays None.

    Raises:
        UserError: They are no whole numbers, or not as many as the images.
    """
    if labels is None:
        return None
    taken = _tensor("labels", labels)
    if problem := class_problem("labels", taken):
        raise UserError(problem)
    return _as_many("labels", taken.long().reshape(-1), n)


def factors_given(factors: Any, n: int) -> Tensor | None:
    """Returns the factors, (N, F), int64 classes or floats; None stays None.

    Raises:
        UserError: They are no finite numbers, or not as many as the images.
    """
    if factors is None:
        return None
    taken = _as_many("factors", _tensor("factors", factors), n)
    taken = taken if taken.dtype.is_floating_point else taken.long()
    if taken.ndim not in (1, 2):
        raise UserError(f"factors are {tuple(taken.shape)}, not (N, F)")
    if not taken.isfinite().all():
        raise UserError("factors hold NaN or infinity: leave such rows out, of the images too")
    return taken[:, None] if taken.ndim == 1 else taken


def range_problem(images: Tensor) -> str:
    """Returns what is strange in the range of pixels, or ""."""
    if not images.numel():
        return ""
    low, high = float(images.min()), float(images.max())
    if images.dtype == torch.uint8 and high == 1:
        return "pixels are uint8 and 0 or 1, where 255 stands for 1: make them float32"
    if images.dtype.is_floating_point and low >= 0 and SHADES < high <= 255:
        return f"pixels lie in 0 ... {high:.4g}, not [0, 1]: divide them by 255"
    return ""


def _tensor(name: str, values: Any) -> Tensor:
    if torch.is_tensor(values):
        return values.detach().cpu()
    try:
        array = np.asarray(values)
    except Exception as error:  # lists may be ragged
        raise UserError(f"{name} are no array ({reason(error)})") from error
    if name == "labels" and (problem := class_problem(name, array)):
        raise UserError(problem)
    if array.dtype.kind not in "biuf" or array.dtype.itemsize > 8:
        raise UserError(f"{name} hold {array.dtype}, not numbers: write {name}.astype(float)")
    wide = array.dtype.kind == "u" and array.dtype.itemsize > 1
    native = array.astype(np.int64 if wide else array.dtype.newbyteorder("="))
    return torch.from_numpy(np.ascontiguousarray(native).reshape(native.shape))


def _as_many(name: str, taken: Tensor, n: int) -> Tensor:
    if taken.ndim == 0 or len(taken) != n:
        raise UserError(f"{name} are {len(taken) if taken.ndim else 1}, and the images {n}")
    return taken
