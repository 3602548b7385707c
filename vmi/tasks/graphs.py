"""Tasks whose Markov network is known: of normal columns, and of mechanisms that are not linear."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from torch import Generator, Tensor

from vmi.errors import UserError
from vmi.random import generator
from vmi.tasks.g_wishart import draw_g_wishart
from vmi.tasks.graph import GraphTask

__all__ = [
    *("chain", "g_wishart", "grid", "joined", "linear", "nonlinear", "nonparanormal"),
    *("normal_of", "random", "star"),
]

PARTIAL = 0.4  # the partial correlation of two neighbours, or less where that has no covariance
DEGREE = 2.0  # neighbours of a node of a random graph, on average
DOF = 3

# The seven nodes of the mechanisms: which are caused by which. Two causes of one node are joined.
CAUSES = {0: (), 1: (0,), 2: (0,), 3: (1, 2), 4: (3,), 5: (3,), 6: (5,)}
MORAL = [(0, 1), (0, 2), (1, 2), (1, 3), (2, 3), (3, 4), (3, 5), (5, 6)]


def joined(nodes: int, edges: list[tuple[int, int]]) -> np.ndarray:
    """Returns the graph (D, D) of edges.

    Example:
        >>> joined(2, [(0, 1)]).tolist()
        [[False, True], [True, False]]
    """
    graph = np.zeros((nodes, nodes), bool)
    for i, j in edges:
        graph[i, j] = graph[j, i] = True
    return graph


def normal_of(precision: np.ndarray) -> GraphTask:
    r"""Creates the task of normal columns: the graph is where the precision is not 0.

    .. math:: I(x_i; x_j \mid \text{others}) = -\tfrac12 \ln(1 - \rho_{ij}^2), \quad
        \rho_{ij} = -K_{ij} / \sqrt{K_{ii} K_{jj}}

    Args:
        precision: K, (D, D), positive definite.
    """
    scale = np.sqrt(precision.diagonal())
    partial = np.where(np.eye(len(precision), dtype=bool), 0.0, -precision / np.outer(scale, scale))
    factor = torch.from_numpy(np.linalg.cholesky(np.linalg.inv(precision)))

    def draw(n: int, stream: Generator) -> Tensor:
        return _normal(n, len(factor), stream) @ factor.T

    return GraphTask(partial != 0, draw, -np.log1p(-(partial**2)) / 2)


def chain(*, nodes: int = 7) -> GraphTask:
    """Creates a chain of normal nodes, each with a partial correlation of .4 with the next."""
    return _even(joined(nodes, [(i, i + 1) for i in range(nodes - 1)]))


def star(*, nodes: int = 7) -> GraphTask:
    """Creates a star of normal nodes: the first is joined to all others, which are not joined."""
    return _even(joined(nodes, [(0, i) for i in range(1, nodes)]))


def grid(*, side: int = 3) -> GraphTask:
    """Creates a square grid of normal nodes, side x side, each joined to those beside it."""
    place = np.arange(side**2).reshape(side, side)
    across = [*zip(place[:, :-1].ravel(), place[:, 1:].ravel(), strict=True)]
    down = [*zip(place[:-1].ravel(), place[1:].ravel(), strict=True)]
    return _even(joined(side**2, [*across, *down]))


def random(*, nodes: int = 10) -> GraphTask:
    """Creates normal nodes on a random graph, the same one each time, of two neighbours a node."""
    return _even(_random_graph(nodes))


def g_wishart(*, nodes: int = 10) -> GraphTask:
    """Creates normal nodes on that graph with a precision that is new in each sample.

    It is drawn from the G-Wishart of the graph with b = 3 and D = I, so that some neighbours are
    hardly dependent.

    References:
        | A Direct Sampler for G-Wishart Variates (Lenkoski, 2013), https://arxiv.org/abs/1304.1350
    """
    graph = _random_graph(nodes)

    def draw(n: int, stream: Generator) -> Tensor:
        precision = draw_g_wishart(graph, DOF, np.eye(nodes), stream)
        return normal_of(precision).draw(n, stream)

    return GraphTask(graph, draw)


def nonparanormal(*, nodes: int = 10) -> GraphTask:
    """Creates `g_wishart` with each column through a monotone map: a cube, exp, arctan in turn."""
    task, maps = g_wishart(nodes=nodes), (lambda x: x**3, torch.exp, torch.arctan)

    def draw(n: int, stream: Generator) -> Tensor:
        x = task.draw(n, stream)
        x = x / x.std(0)
        return torch.stack([maps[i % 3](column) for i, column in enumerate(x.T)], 1)

    return replace(task, draw=draw)


def linear() -> GraphTask:
    """Creates seven nodes, each a linear function of its causes and noise.

    The Markov network joins causes with effects, and the two causes of one node.
    """
    return _caused(lambda node, *causes: 0.8 * sum(causes), noise=0.6)


def nonlinear() -> GraphTask:
    """Creates the same seven nodes with squares, waves and a product, so that little is linear."""
    mechanisms = {
        1: lambda a: torch.cos(2 * a),
        2: lambda a: a**2 - 1,
        3: lambda a, b: 1.5 * a * b,
        4: lambda a: 1.5 * torch.sin(2 * a),
        5: lambda a: a.abs(),
        6: lambda a: torch.log1p(2 * a**2),
    }
    return _caused(lambda node, *causes: mechanisms[node](*causes), noise=0.4)


# ---------------------------------------------------------------- what they share


def _caused(mechanism: Callable[..., Tensor], noise: float) -> GraphTask:
    """Nodes that are caused by others as `CAUSES` says; the first is standard normal."""

    def draw(n: int, stream: Generator) -> Tensor:
        x: list[Tensor] = []
        for own, (node, causes) in zip(_normal(n, 7, stream).T, CAUSES.items(), strict=True):
            of_causes = mechanism(node, *(x[c] for c in causes)) if causes else None
            x.append(own if of_causes is None else of_causes + noise * own)
        return torch.stack(x, 1)

    return GraphTask(joined(7, MORAL), draw)


def _even(graph: np.ndarray) -> GraphTask:
    """Normal columns whose neighbours all have the same partial correlation, `PARTIAL` at most."""
    if len(graph) < 2:
        raise UserError(f"a graph has two nodes at least, not {len(graph)}")
    largest = float(np.linalg.eigvalsh(graph.astype(float))[-1])
    return normal_of(np.eye(len(graph)) - min(PARTIAL, 0.9 / max(largest, 1.0)) * graph)


def _random_graph(nodes: int) -> np.ndarray:
    draws = torch.rand(nodes, nodes, generator=generator("random graph", nodes)).numpy()
    graph = np.triu(draws < DEGREE / max(1, nodes - 1), 1)
    return graph | graph.T


def _normal(n: int, columns: int, stream: Generator) -> Tensor:
    return torch.randn(n, columns, dtype=torch.float64, generator=stream)
