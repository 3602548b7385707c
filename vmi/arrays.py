"""Plain arrays as a user gives them: (N,) or (N, D), integers discrete, floats continuous."""

import numpy as np

from vmi.errors import NotApplicable

__all__ = ["aligned", "as_array", "columns", "is_discrete", "normal_scores", "standardised"]


def as_array(values) -> np.ndarray:
    """Returns an array, a list, or a tensor of any kind and on any device as a NumPy array.

    Example:
        >>> import torch
        >>> as_array(torch.nn.Parameter(torch.ones(2).bfloat16())).tolist()
        [1.0, 1.0]
    """
    if hasattr(values, "detach"):
        values = values.detach().cpu()
        values = values.float() if str(values.dtype) == "torch.bfloat16" else values
    return np.asarray(values)


def columns(values) -> np.ndarray:
    """Returns an array or tensor (N,) or (N, D) as (N, D): int64 where it is discrete, or float64.

    Example:
        >>> columns([1, 2, 3]).shape, columns([[0.5, 1.0]]).dtype
        ((3, 1), dtype('float64'))
    """
    array = as_array(values)
    array = array.astype(np.int64 if is_discrete(array) else np.float64, copy=False)
    return array.reshape(len(array), -1)


def is_discrete(values) -> bool:
    """Says whether an array or tensor holds integers or truth values."""
    return as_array(values).dtype.kind in "iub"


def standardised(values: np.ndarray, like: np.ndarray | None = None) -> np.ndarray:
    """Returns columns (N, D) with mean 0 and standard deviation 1; a constant one becomes 0.

    No mutual information changes, as each column is mapped one-to-one.

    Args:
        values: (N, D).
        like: (M, D) whose mean and deviation are taken, those of the values themselves without.
    """
    like = values if like is None else like
    size = np.abs(like).max(0, initial=0.0)
    size = np.where(size > 0, size, 1.0)  # or squares overflow, or vanish
    mean = (like / size).mean(0)
    spread = (like / size - mean).std(0)
    return (values / size - mean) / np.where(spread > 0, spread, 1.0)


def normal_scores(values: np.ndarray) -> np.ndarray:
    r"""Returns columns (N, D), each value mapped to :math:`\Phi^{-1}((r - 1/2) / N)` by its rank r.

    Equal values share the mean of their ranks; a constant column becomes 0. No mutual information
    changes, and a monotone map of a column changes nothing at all.

    Example:
        >>> normal_scores(np.array([[1.0], [1e9], [5.0]])).round(3).ravel().tolist()
        [-0.967, 0.967, 0.0]
    """
    from scipy.special import ndtri  # a fifth of a second, and only for this
    from scipy.stats import rankdata

    return ndtri((rankdata(values, axis=0) - 0.5) / len(values))


def aligned(**arrays) -> list[np.ndarray]:
    """Returns arrays (N,) or (N, D) as (N, D), all of one length and of finite numbers.

    Raises:
        NotApplicable: They are not; the message holds the name.
    """
    given = {name: columns(values) for name, values in arrays.items()}
    if len({len(a) for a in given.values()}) > 1:
        lengths = ", ".join(f"{name} {len(a)}" for name, a in given.items())
        raise NotApplicable(f"the arrays differ in length: {lengths}")
    for name, a in given.items():
        if not (a.size and np.isfinite(a).all()):
            raise NotApplicable(f"{name} is empty or holds a number that is not finite")
    return list(given.values())
