"""Which labels the values of a category stand for."""

import numpy as np
import seaborn as sns
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor, nn

from vmi.data.dataset import Dataset, Split
from vmi.errors import NotApplicable
from vmi.nets.codes import encode
from vmi.pictures.layout import rendered

__all__ = ["classes", "counts", "histograms", "shares"]


def classes(model: nn.Module, split: Split, dataset: Dataset) -> Tensor:
    """The labels of the images that have each value of the category, as shares of a row.

    An image has the most probable value of its category; several categories stand side by side. A
    row ends in the number of its images, and is empty where there are none.

    Raises:
        NotApplicable: The images have no labels, or the code has no category.

    References:
        | Variational Mutual Information Maximization Framework for VAE Latent Codes with Continuous
          and Discrete Priors (Serdega & Kim, 2020)
        | https://arxiv.org/abs/2005.13953
    """
    if split.labels is None:
        raise NotApplicable(f"{dataset.name} has no labels")
    if not model.latents.categorical:
        raise NotApplicable("the code has no category")
    names = dataset.label_names or tuple(map(str, range(int(split.labels.max()) + 1)))
    tables = [counts(p, split.labels, len(names)) for p in encode(model, split).categorical]
    return rendered(histograms(tables, names))


def counts(probabilities: Tensor, labels: Tensor, classes: int) -> Tensor:
    """Counts the images of each value, the most probable of (N, K), and label (N,): (K, L)."""
    values = probabilities.shape[1]
    pairs = probabilities.argmax(1) * classes + labels
    return torch.bincount(pairs, minlength=values * classes).view(values, classes)


def shares(counts: Tensor) -> Tensor:
    """Returns counts (K, L) as shares of their row; NaN in a row of none."""
    return counts / counts.sum(1, keepdim=True)


def histograms(tables: list[Tensor], names: tuple[str, ...]) -> Figure:
    """Plots a table of each category, (K, L): the shares of the labels by value."""
    rows = max(map(len, tables))
    size = (len(tables) * (0.29 * len(names) + 0.9), 0.23 * rows + 0.8)
    figure = Figure(figsize=size, dpi=130, layout="constrained")
    for i, axis in enumerate(figure.subplots(1, len(tables), squeeze=False)[0]):
        title = f"category {i}" if len(tables) > 1 else ""
        _plot(axis, tables[i], names, title)
    return figure


def _plot(axis: Axes, table: Tensor, names: tuple[str, ...], title: str) -> None:
    row_shares = shares(table)
    text = [[_hundredths(share) for share in row] for row in row_shares.tolist()]
    rows = [f"{value}  ({n})" for value, n in enumerate(table.sum(1).tolist())]
    style = {"cmap": "Blues", "vmin": 0, "vmax": 1, "cbar": False, "annot_kws": {"size": 8}}
    sns.heatmap(
        row_shares.numpy(),
        ax=axis,
        annot=np.array(text),
        fmt="",
        xticklabels=names,
        yticklabels=rows,
        **style,
    )
    axis.set_xlabel("label, % of the row", size=8)
    axis.set_ylabel("value (images)", size=8)
    axis.set_title(title, size=8)
    axis.tick_params(length=0, labelsize=8)
    axis.tick_params(axis="y", rotation=0)


def _hundredths(share: float) -> str:
    """A share as whole hundredths; none where it rounds to none."""
    return f"{100 * share:.0f}" if share >= 0.005 else ""
