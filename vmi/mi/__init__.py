"""Mutual information in nats: of a model's codes, and of two arrays.

The package can be called: `vmi.mi(x, y)` estimates the information of two arrays of one's own.
"""

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from vmi.registry import Registry

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ESTIMATORS", "INFORMATION"]

# Of a model's codes.
INFORMATION = Registry(
    "metric",
    {
        "information": "vmi.mi.aggregate:information",
        "information-gaussian": "vmi.mi.aggregate:information_gaussian",
        "information-categorical": "vmi.mi.aggregate:information_categorical",
        "information-chosen": "vmi.mi.aggregate:information_chosen",
        "information-dimensions": "vmi.mi.aggregate:information_dimensions",
        "information-decoder": "vmi.mi.decoder:information_decoder",
        "decomposition": "vmi.mi.decomposition:decomposition",
        "decomposition-stratified": "vmi.mi.decomposition:decomposition_stratified",
        "vmi-bound": "vmi.mi.bound:vmi_bound",
    },
)

# Of two arrays: functions of (x, y), and of z to condition on or of a generator where they want it.
ESTIMATORS = Registry(
    "estimator",
    {
        "ksg": "vmi.mi.neighbours:ksg",
        "ksg2": "vmi.mi.neighbours:ksg2",
        "mixed-ksg": "vmi.mi.neighbours:mixed_ksg",
        "conditional-ksg": "vmi.mi.neighbours:conditional_ksg",
        "plug-in": "vmi.mi.discrete:plug_in",
        "miller-madow": "vmi.mi.discrete:miller_madow",
        "cca": "vmi.mi.cca:cca",
        "ba": "vmi.mi.predictive:ba",
        "doe": "vmi.mi.predictive:doe",
        "club": "vmi.mi.predictive:club",
        "dv": "vmi.mi.variational:dv",
        "mine": "vmi.mi.variational:mine",
        "nwj": "vmi.mi.variational:nwj",
        "nwj-js": "vmi.mi.variational:nwj_js",
        "tuba": "vmi.mi.variational:tuba",
        "infonce": "vmi.mi.variational:infonce",
        "interpolated": "vmi.mi.variational:interpolated",
        "smile": "vmi.mi.variational:smile",
        "minde": "vmi.mi.minde:minde",
    },
)


class MI(ModuleType):
    """This package, which can be called."""

    def __call__(
        self,
        x: Any,
        y: Any,
        z: Any = None,
        *,
        estimators: Sequence[str | Callable[..., Any]] | str | None = None,
        seed: int = 0,
    ) -> "pd.DataFrame":
        r"""Returns the mutual information :math:`I(x; y)`, or :math:`I(x; y \mid z)`, in nats.

        The frame is tidy, a row an estimator, in the columns of records. An array is one of NumPy,
        a tensor on any device, a pandas frame or series, or a list; integers are discrete, floats
        continuous. A column that is constant is left out.

        Args:
            x: (N,) or (N, D).
            y: (N,) or (N, D).
            z: (N,) or (N, D), what to condition on.
            estimators: Names, `my_file:my_estimator`, or functions; all that apply without them.
            seed: Of every random number.

        Raises:
            UserError: An array is malformed, or nobody knows an estimator.

        Warns:
            DataWarning: A column is constant.

        Example:
            >>> import numpy as np, vmi
            >>> x, noise = np.random.default_rng(0).normal(size=(2, 2000))
            >>> y = 0.8 * x + 0.6 * noise  # the truth is -ln(1 - .8^2) / 2 = .51 nats
            >>> vmi.mi(x, y, estimators=["ksg-3", "cca"])[["method", "value", "stderr"]].round(2)
              method  value  stderr
            0  ksg-3   0.51    0.02
            1    cca   0.51    0.02
        """
        of_arrays = import_module("vmi.commands.estimating")  # not before: it imports torch
        return of_arrays.estimate(x, y, z, estimators, seed)


sys.modules[__name__].__class__ = MI
