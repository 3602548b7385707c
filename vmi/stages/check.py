"""The stage that checks a suite before anything trains."""

import inspect
from typing import Any

import torch
from torch import nn

from vmi.data.dataset import Dataset
from vmi.errors import UserError
from vmi.nets.likelihoods import LIKELIHOODS
from vmi.nets.networks import NETWORKS
from vmi.pictures import OFFERED as SHOWN
from vmi.pictures import PICTURES
from vmi.registry import asked_for
from vmi.stages import estimate as estimation
from vmi.stages.cells import dataset_of, model_of
from vmi.stages.evaluate import OFFERED
from vmi.suites.suite import FAMILIES, Suite, family_of

__all__ = ["check"]


def check(suite: Suite) -> None:
    """Checks all that can be known before anything trains.

    Every metric and picture is imported and asked what it wants, every data set is found and
    verified, and every model is made for each of them, without memory for its weights; so is every
    estimator imported and asked, and every task drawn from.

    Raises:
        UserError: The first thing that does not hold.
    """
    estimation.check(suite)
    for metric in suite.metrics:
        family = family_of(metric)
        function, _ = FAMILIES[family].load(metric)
        asked_for(metric, function, OFFERED[family])
    for picture in suite.pictures:
        function, _ = PICTURES.load(picture)
        asked_for(picture, function, SHOWN, PICTURES.kind)
    for dataset in suite.datasets:
        for model in suite.models:
            _check_cell(suite.cell(dataset, model))


def _check_cell(cell: dict[str, Any]) -> None:
    loaded = dataset_of(cell)
    NETWORKS.load(cell["network"])
    LIKELIHOODS.load(cell["likelihood"])
    if cell["likelihood"] == "bernoulli" and not loaded.binary:
        raise UserError(
            f"dataset {cell['dataset']['dataset']!r} is not binary, and a Bernoulli likelihood of "
            "grey pixels means nothing: binarise it, or choose a Gaussian likelihood"
        )
    _check_trainable(cell["model"]["model"], _without_memory(cell, loaded))


def _without_memory(cell: dict[str, Any], dataset: Dataset) -> nn.Module:
    """A model whose weights take no memory, unless its making looks at their values."""
    try:
        with torch.device("meta"):
            return model_of(cell, dataset)
    except UserError:
        return model_of(cell, dataset)


def _check_trainable(name: str, model: nn.Module) -> None:
    for attribute in ("phases", "noises", "draw_noise", "encoder", "decoder", "latents"):
        if not hasattr(model, attribute):
            raise UserError(f"model {name!r} has no {attribute!r}: inherit from vmi.models.vae.VAE")
    for phase in model.phases:
        try:
            inspect.signature(getattr(model, phase, None)).bind("x", "noise", "step")
        except TypeError as error:
            raise UserError(f"model {name!r}: {phase}(x, noise, step) cannot be called") from error
