"""Data sets: a name becomes images in memory, with ground-truth factors where they exist."""

import inspect
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vmi.errors import UserError
from vmi.registry import Registry

if TYPE_CHECKING:
    from vmi.data.dataset import Dataset

__all__ = ["DATASETS", "load"]

DATASETS = Registry(
    "dataset",
    {
        "digits": "vmi.data.digits:digits",
        "sprites": "vmi.data.sprites:sprites",
        "dots": "vmi.data.dots:dots",
        "mnist": "vmi.data.idx:mnist",
        "fashion_mnist": "vmi.data.idx:fashion_mnist",
        "kmnist": "vmi.data.idx:kmnist",
        "omniglot": "vmi.data.omniglot:omniglot",
        "dsprites": "vmi.data.dsprites:dsprites",
        "gaussian": "vmi.data.gaussian:gaussian",
    },
)


def load(name: str, root: Path | str | None = None, **settings: Any) -> "Dataset":
    """Creates the data set of a name; images are read or drawn when a split is first asked for.

    Args:
        name: A name of `DATASETS`, a number with it or not (`sprites-16`), or `my_file:my_data`, a
            function of keyword-only settings that returns a `Dataset`.
        root: The folder that holds the data's files; `None` is $VMI_DATA, or `./data` without it.
        settings: Keyword-only settings of the data set's function.

    Raises:
        UserError: The name or a setting is unknown, a file is missing or not the one expected, or
            the data set's function fails.
    """
    from vmi.data.dataset import Dataset  # it imports torch, which listing the names does not need

    arguments, settings = _with_root(name, root, settings)
    dataset = DATASETS.make(name, *arguments, settings=settings)
    if not isinstance(dataset, Dataset):
        raise UserError(f"dataset {name!r} is a {type(dataset).__name__}, not a vmi Dataset")
    return replace(dataset, name=name)


def _with_root(
    name: str, root: Path | str | None, settings: dict[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    """Adds the folder of files to the arguments of a function that has a parameter for it."""
    function, _ = DATASETS.load(name)
    try:
        parameter = inspect.signature(function).parameters.get("root")
    except (TypeError, ValueError):  # a C function without a signature
        parameter = None
    if parameter is None:
        return [], settings
    if parameter.kind is parameter.KEYWORD_ONLY:
        return [], {"root": root, **settings}
    return [root], settings
