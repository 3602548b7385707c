"""Batch norm's population statistics, which are fixed after training."""

from collections.abc import Callable, Iterable

import torch
from torch import nn

__all__ = ["fix_population_statistics", "track_population_statistics"]

_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)


def track_population_statistics(model: nn.Module) -> bool:
    """Gives each batch norm room for population statistics; returns whether there is any."""
    norms = [m for m in model.modules() if isinstance(m, _NORMS)]
    like = next(model.parameters(), torch.empty(0))
    for norm in norms:
        norm.track_running_stats, norm.momentum = True, None  # None: a cumulative average
        norm.register_buffer("running_mean", like.new_zeros(norm.num_features))
        norm.register_buffer("running_var", like.new_ones(norm.num_features))
        norm.register_buffer("num_batches_tracked", torch.tensor(0))
    return bool(norms)


@torch.no_grad()
def fix_population_statistics(model: nn.Module, passes: Iterable[Callable[[], object]]) -> None:
    """Fixes batch norm's population statistics: the average over forward passes in train mode.

    Args:
        model: A model whose batch norms were made without running statistics.
        passes: Thunks, each a forward pass of one batch of the training set.
    """
    if track_population_statistics(model):
        model.train()
        for forward in passes:
            forward()
    model.eval()
