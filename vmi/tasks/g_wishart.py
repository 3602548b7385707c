r"""The G-Wishart distribution: precisions that are 0 for the pairs that a graph leaves out.

.. math:: p(K) \propto |K|^{(b - 2) / 2} \exp(-\tfrac12 \operatorname{tr}(K D)), \quad K \in P_G
"""

import numpy as np
import torch
from torch import Generator

__all__ = ["draw_g_wishart", "mean_of_decomposable"]

NEAR = 1e-10  # of a covariance; what moves less has converged
ROUNDS = 10_000


def draw_g_wishart(
    graph: np.ndarray, dof: int, scale: np.ndarray, generator: Generator
) -> np.ndarray:
    r"""Draws a precision matrix, (D, D), from the G-Wishart of a graph.

    A Wishart matrix of b + D - 1 degrees of freedom is drawn, and the covariance is then completed:
    in turn, each column is replaced by its regression on its neighbours, until nothing moves. The
    entries of the covariance on the graph stay as drawn, and the precision off it becomes 0.

    Args:
        graph: (D, D) truth values, symmetric.
        dof: b, at least 3.
        scale: The matrix D of the density, positive definite.
        generator: Of the Wishart matrix.

    References:
        | A Direct Sampler for G-Wishart Variates (Lenkoski, 2013), https://arxiv.org/abs/1304.1350
    """
    d = len(graph)
    factor = np.linalg.cholesky(np.linalg.inv(scale))
    shape = dof + d - 1, d
    normal = torch.randn(shape, dtype=torch.float64, generator=generator).numpy() @ factor.T
    drawn = np.linalg.inv(normal.T @ normal)
    precision = np.linalg.inv(_completed(drawn, graph))
    return np.where(graph | np.eye(d, dtype=bool), (precision + precision.T) / 2, 0.0)


def _completed(covariance: np.ndarray, graph: np.ndarray) -> np.ndarray:
    """The covariance that is as given on the graph, and whose inverse is 0 off it."""
    d, found = len(graph), covariance.copy()
    for _ in range(ROUNDS):
        before = found.copy()
        for node in range(d):
            near, others = np.flatnonzero(graph[node]), np.arange(d) != node
            weights = np.linalg.solve(found[np.ix_(near, near)], covariance[near, node])
            found[others, node] = found[node, others] = found[np.ix_(others, near)] @ weights
        if np.abs(found - before).max() < NEAR * np.abs(covariance).max():
            return found
    raise ArithmeticError("the completion of a covariance does not converge")


def mean_of_decomposable(
    cliques: list[list[int]], separators: list[list[int]], dof: int, scale: np.ndarray
) -> np.ndarray:
    r"""Returns the mean precision, (D, D), where the graph is decomposable.

    .. math:: E[K] = \sum_C (b + |C| - 1) [D_C^{-1}]^0 - \sum_S (b + |S| - 1) [D_S^{-1}]^0

    over cliques C and separators S, with zeros where they are not.

    References:
        | Wishart distributions for decomposable graphs (Letac & Massam, 2007)
        | https://arxiv.org/abs/0708.2380
    """
    found = np.zeros_like(scale)
    for sign, groups in ((1, cliques), (-1, separators)):
        for group in groups:
            block = np.ix_(group, group)
            found[block] += sign * (dof + len(group) - 1) * np.linalg.inv(scale[block])
    return found
