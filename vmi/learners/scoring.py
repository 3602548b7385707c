"""How a learned graph compares with the true one."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from sklearn.metrics import roc_auc_score

from vmi.estimate import Estimate
from vmi.learners.learned import Learned, pairs
from vmi.references import asked_for

__all__ = ["OFFERED", "answer", "scores"]

OFFERED = ("x", "generator")


def answer(
    task: Any,
    learner: Callable[..., Learned],
    settings: Mapping[str, Any],
    samples: Sequence[np.ndarray],
    generators: Sequence[torch.Generator],
) -> list[dict[str, Estimate]]:
    """Returns the scores of what a learner learns from each sample of a task."""
    wanted = asked_for("it", learner, OFFERED, "learner")
    found = []
    for x, generator in zip(samples, generators, strict=True):
        there = {"x": x, "generator": generator}
        learned = learner(**{key: there[key] for key in wanted}, **settings)
        found.append(scores(learned, task.graph, task.truths))
    return found


def scores(
    learned: Learned, graph: np.ndarray, truths: Mapping[str, float] | None = None
) -> dict[str, Estimate]:
    r"""Returns how near a learned graph is to the true one, by the name of each score.

    With TP, FP and FN the pairs that are rightly joined, wrongly joined and missed,

    .. math:: \text{Hamming} = FP + FN, \quad \text{precision} = \frac{TP}{TP + FP}, \quad
        \text{recall} = \frac{TP}{TP + FN}, \quad F_1 = \frac{2 TP}{2 TP + FP + FN}

    and the area under the curve of the weights, the chance that a pair that is joined has a larger
    weight than one that is not. A learner that finds nothing has no precision, and F1 = 0 unless
    there is nothing. `changed` is in how many pairs two runs differ. `hamming/and`, `hamming/or`
    and so on are those of the two rules. `edges/I-J` says whether a pair is joined, of those that
    `truths` names.

    Args:
        learned: What was learned.
        graph: (D, D) truth values.
        truths: What is known of the task; its pairs `edges/I-J` are reported.

    References:
        | Learning non-parametric Markov networks with mutual information (Leppä-aho et al., 2017)
        | https://arxiv.org/abs/1708.02497
    """
    upper = np.triu_indices(len(graph), 1)
    true = graph[upper].astype(bool)
    pairs_of = {f"edges/{i}-{j}": learned.edges[i, j] for i, j in pairs(len(graph))}
    shown = {name: float(joined) for name, joined in pairs_of.items() if name in (truths or {})}
    tests = _estimate(learned.tests) if learned.tests else None
    made = _of_edges(learned.edges[upper], true)
    made |= {
        "hamming": replace(made["hamming"], warning=learned.warning),
        "auc": _area(true, learned.weights[upper]),
        "tests": tests or Estimate.not_applicable("it makes no tests"),
        "edges": _estimate(learned.edges[upper].sum()),
        "changed": _changed(learned.changed),
    }
    for rule, edges in learned.rules.items():
        made |= {f"{name}/{rule}": each for name, each in _of_edges(edges[upper], true).items()}
    return made | {name: _estimate(joined) for name, joined in shown.items()}


def _of_edges(found: np.ndarray, true: np.ndarray) -> dict[str, Estimate]:
    """The scores of edges alone, by pair."""
    right, wrong, missed = (int(s.sum()) for s in (found & true, found & ~true, true & ~found))
    return {
        "hamming": _estimate(wrong + missed),
        "precision": _share(right, right + wrong, "no edge was found"),
        "recall": _share(right, right + missed, "the true graph has no edge"),
        "f1": _estimate(2 * right / (2 * right + wrong + missed) if wrong + missed else 1.0),
    }


def _estimate(value: float, **about: Any) -> Estimate:
    return Estimate(float(value), **about)


def _changed(pairs_of: float) -> Estimate:
    once = Estimate.not_applicable("the learner ran once")
    return once if math.isnan(pairs_of) else _estimate(pairs_of)


def _share(part: int, whole: int, why: str) -> Estimate:
    return _estimate(part / whole) if whole else Estimate.not_applicable(why)


def _area(true: np.ndarray, weights: np.ndarray) -> Estimate:
    if true.all() or not true.any():
        return Estimate.not_applicable("all pairs are joined, or none is")
    return _estimate(roc_auc_score(true, weights))
