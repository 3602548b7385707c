"""Tests of whether x and y are independent given z.

The package can be called: `vmi.independence(x, y, z)` tests arrays of one's own.
"""

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from vmi.cards import Card
from vmi.registry import Registry

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["TESTS"]

PARTS = {"statistic": Card(name="its estimate of I(x; y | z)")}


def _neighbours(reference: str, name: str, reading: str) -> Card:
    names = {"name": name, "numbered": f"{name}, k = #"}
    return Card(f"vmi.independence.knn:{reference}", reading=reading, parts=PARTS, **names)


# Functions of (x, y, z, generator), or of those of them that they want, that return an Outcome; z
# is None where nothing is conditioned on. The number in a name of the first two is k, below 1 as a
# fraction of N.
TESTS = Registry(
    "test",
    {
        "cmi-knn": _neighbours(
            "cmi_knn",
            "kNN, local",
            "by nearest neighbours, with x permuted among rows of nearly the same z.",
        ),
        "cmi-knn-global": _neighbours(
            "cmi_knn_global",
            "kNN, global",
            "by nearest neighbours, with x permuted over all rows, which is the null of x being "
            "independent of y and z together.",
        ),
        "fisher-z": Card(
            "vmi.independence.parametric:fisher_z",
            name="Fisher's z",
            reading="by the partial correlation: right where all is normal, blind to what is not "
            "linear.",
            parts=PARTS,
        ),
        "g-test": Card(
            "vmi.independence.parametric:g_test",
            name="G test",
            reading="by the counts of discrete variables.",
            parts=PARTS,
        ),
        "kci": Card(
            "vmi.independence.kernel:kci",
            name="KCI",
            reading="by kernels, as causal-learn has it, where that is installed.",
        ),
        "rcit": Card(
            "vmi.independence.kernel:rcit",
            name="RCIT",
            reading="by random Fourier features, as causal-learn has it, where that is installed.",
        ),
    },
)


class Independence(ModuleType):
    """This package, which can be called."""

    def __call__(
        self,
        x: Any,
        y: Any,
        z: Any = None,
        *,
        tests: Sequence[str | Callable[..., Any]] | str | None = None,
        seed: int = 0,
    ) -> "pd.DataFrame":
        r"""Returns the p-values of x and y being independent, or independent given z.

        The frame is tidy, two rows a test, in the columns of records: the p-value, and under
        `TEST/statistic` the test's own estimate of :math:`I(x; y \mid z)` in nats. A small p-value
        speaks against independence; a large one does not prove it. A p-value by permutation has a
        standard error, as its orders are drawn. Rows are to be independent draws.

        Args:
            x: (N,) or (N, D), as `vmi.mi` takes it: integers are discrete, floats continuous.
            y: (N,) or (N, D).
            z: (N,) or (N, D), what to condition on.
            tests: Names, `my_file:my_test`, or functions; all that apply without them.
            seed: Of every random number.

        Raises:
            UserError: An array is malformed, or nobody knows a test.

        Warns:
            DataWarning: A column is constant.

        Example:
            >>> import numpy as np, vmi
            >>> z, u, v = np.random.default_rng(0).normal(size=(3, 300))
            >>> x, y = z + u, z + v  # dependent, and independent given z
            >>> found = vmi.independence(x, y, z, tests=["cmi-knn", "fisher-z"])
            >>> found.set_index("method")["value"].gt(0.05).tolist()[::2]
            [True, True]
            >>> float(vmi.independence(x, y, tests="cmi-knn")["value"][0])
            0.005
        """
        return import_module("vmi.commands.testing").tested(x, y, z, tests, seed)


sys.modules[__name__].__class__ = Independence
