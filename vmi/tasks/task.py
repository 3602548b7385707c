"""A task: pairs (x, y) that are drawn in any number, whose mutual information is known."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor

__all__ = ["Map", "Task", "through", "variant"]

Map = Callable[[Tensor], Tensor]


def _as_it_is(values: Tensor) -> Tensor:
    return values


@dataclass(frozen=True)
class Task:
    r"""Pairs with known mutual information, and one-to-one maps that are applied to them.

    A one-to-one map keeps the information of a pair, and the pointwise information too,

    .. math:: i(x, y) = \log \frac{p(x, y)}{p(x) p(y)}, \qquad I(x; y) = E[i(x, y)],

    so both are stated for the pair as it is drawn, before any map.

    Attributes:
        information: I(x; y) in nats.
        draw: Draws n pairs with a generator: (n, Dx) and (n, Dy), float64.
        pointwise: i(x, y) in nats of pairs as they are drawn, (n,); None where no density is known.
        map_x: Applied to x, one-to-one, from (n, Dx) to (n, Dx').
        map_y: Applied to y.
    """

    information: float
    draw: Callable[[int, Generator], tuple[Tensor, Tensor]]
    pointwise: Callable[[Tensor, Tensor], Tensor] | None = None
    map_x: Map = _as_it_is
    map_y: Map = _as_it_is

    def sample(self, n: int, generator: Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draws n pairs and maps them: (n, Dx') and (n, Dy'), float64."""
        x, y = self.draw(n, generator)
        x, y = self.map_x(x), self.map_y(y)
        if not x.ndim == y.ndim == 2 or not len(x) == len(y) == n:
            shapes = f"{tuple(x.shape)}, {tuple(y.shape)}"
            raise ValueError(f"{n} pairs are ({n}, Dx) and ({n}, Dy), not {shapes}")
        return x.numpy(), y.numpy()

    @property
    def truths(self) -> dict[str, float]:
        """What is known of the pairs, by the name of the measure."""
        return {"information": self.information}

    def profile(self, n: int, generator: Generator) -> np.ndarray:
        """Draws the pointwise information of n pairs, (n,), whose expectation is the information.

        Raises:
            ValueError: No density is known.
        """
        if self.pointwise is None:
            raise ValueError("the density of this task is not known")
        return self.pointwise(*self.draw(n, generator)).numpy()

    @property
    def dimensions(self) -> tuple[int, int]:
        """The numbers of columns of x and of y, after the maps."""
        x, y = self.sample(1, torch.Generator().manual_seed(0))
        return x.shape[1], y.shape[1]


def through(task: Task, map_x: Map, map_y: Map) -> Task:
    """Creates the task whose pairs are those of another after two more maps."""
    before_x, before_y = task.map_x, task.map_y
    return replace(task, map_x=lambda x: map_x(before_x(x)), map_y=lambda y: map_y(before_y(y)))


def variant(make: Callable[..., Task], *maps: tuple[Map, Map], **fixed: Any) -> Callable[..., Task]:
    """Creates a maker of tasks from another: with some settings fixed, and through some maps.

    Args:
        make: Creates a task from its settings.
        maps: Pairs of maps of x and of y, the first nearest to what is drawn.
        fixed: Settings that are no longer open.
    """
    parameters = inspect.signature(make).parameters.values()
    summary = (inspect.getdoc(make) or make.__name__).partition("\n")[0].removesuffix(".")
    changes = [f"{key} = {value}" for key, value in fixed.items()]
    changes += [f"through {map_x.__name__.removesuffix('_x')}" for map_x, _ in maps]

    @wraps(make)
    def make_variant(**settings: Any) -> Task:
        task = make(**fixed, **settings)
        for map_x, map_y in maps:
            task = through(task, map_x, map_y)
        return task

    make_variant.__signature__ = inspect.Signature([p for p in parameters if p.name not in fixed])
    make_variant.__doc__ = (make_variant.__doc__ or "").replace(
        summary, ", ".join([summary, *changes]), 1
    )
    return make_variant
