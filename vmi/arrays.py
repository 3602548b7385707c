"""Plain arrays as a user gives them: (N,) or (N, D), integers discrete, floats continuous."""

import numpy as np

from vmi.errors import NotApplicable

__all__ = [
    "aligned",
    "as_array",
    "class_problem",
    "columns",
    "is_discrete",
    "is_one_hot",
    "missing_class",
    "normal_scores",
    "standardised",
]


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


def class_problem(name: str, values) -> str:
    """Returns why an array is no class a row, (N,) or (N, 1) whole numbers; "" where it is.

    What it says ends with the line that mends it.

    Example:
        >>> class_problem("labels", [0, 2, 1])
        ''
        >>> class_problem("labels", ["a", "b"])
        'labels hold text: write numpy.unique(labels, return_inverse=True)[1]'
        >>> class_problem("labels", [[0.0, 1.0], [1.0, 0.0]])
        'labels are one-hot, (2, 2): write labels.argmax(1)'
    """
    array = as_array(values)
    if array.dtype.kind in "US" or (array.size and isinstance(array.flat[0], str)):
        return f"{name} hold text: write numpy.unique({name}, return_inverse=True)[1]"
    if array.dtype.kind not in "iubf":
        return f"{name} hold {array.dtype.name}, not whole numbers: write {name}.astype(int)"
    if is_one_hot(array):
        return f"{name} are one-hot, {array.shape}: write {name}.argmax(1)"
    if array.ndim == 0 or array.ndim > 2 or (array.ndim == 2 and array.shape[1] != 1):
        return f"{name} are {array.shape}, not N whole numbers: save several columns as factors"
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        return f"{name} hold NaN or infinity: leave such rows out, of all arrays"
    if array.dtype.kind == "f" and (array != array.round()).any():
        return f"{name} are floats, not whole numbers: what is no class is a factor"
    return f"{name} are floats: write {name}.astype(int)" if array.dtype.kind == "f" else ""


def is_one_hot(array: np.ndarray) -> bool:
    """Says whether the rows of an array (N, K), of which K is 2 or more, are one 1 among zeros."""
    if array.ndim != 2 or array.shape[1] < 2 or array.dtype.kind not in "iubf":
        return False
    return bool(((array == 0) | (array == 1)).all() and (array.sum(1) == 1).all())


def missing_class(name: str, classes) -> str:
    """Returns what to beware of where one class alone is below 0: often it means a missing one.

    Example:
        >>> missing_class("labels", [0, 1, 2, -1])[:45]
        'labels: -1 is taken for a class of its own; i'
        >>> missing_class("labels", [-1, 1])
        ''
    """
    values, counts = np.unique(as_array(classes), return_counts=True)
    if len(values) < 3 or not values[0] < 0 <= values[1]:
        return ""
    rows = f"{counts[0]:,} of {counts.sum():,} rows"
    said = f"{name}: {values[0]} is taken for a class of its own; if it stands for a missing one"
    return f"{said}, leave these {rows} out, of every array"


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
