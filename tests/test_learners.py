"""Learners of Markov networks: what they share, their rules, their scores.

Their known answers stand in vmi/verify/networks.py.
"""

import numpy as np
import pytest
import torch

from vmi.errors import NotApplicable
from vmi.independence.outcome import Outcome
from vmi.learners import LEARNERS
from vmi.learners.blankets import CachedTests, learn
from vmi.learners.iamb import most_associated
from vmi.learners.learned import Learned, symmetric
from vmi.learners.scoring import answer, scores
from vmi.random import generator
from vmi.tasks import GRAPHS
from vmi.tasks.graphs import joined
from vmi.verify.networks import oracle

OURS = [name for name in LEARNERS if name != "sing"]
QUICK = {"iamb": {"test": "fisher-z"}, "grow-shrink": {"test": "fisher-z"}}


@pytest.mark.parametrize("name", OURS)
def test_a_learner_returns_a_graph_with_its_weights_and_scores(name):
    task, (learner, _) = GRAPHS.make("chain-4"), LEARNERS.load(name)
    x = task.sample(200, generator(0))
    first, again = answer(task, learner, QUICK.get(name, {}), [x, x], [generator(1), generator(1)])
    assert {k: v.value for k, v in first.items() if v.value == v.value} == {
        k: v.value for k, v in again.items() if v.value == v.value
    }
    assert first["auc"].value > 0.9
    assert (first["tests"].state == "value") == (name in QUICK)
    assert [k for k in first if k.startswith("edges/")][:2] == ["edges/0-1", "edges/0-2"]


@pytest.mark.parametrize("name", ["iamb", "grow-shrink"])
def test_neighbours_are_the_test_where_none_is_named(name):
    learner, _ = LEARNERS.load(name)
    learned = learner(
        GRAPHS.make("chain-3").sample(60, generator(0)), generator(0), test_settings={"k": 5}
    )
    assert learned.edges.shape == (3, 3) and 3 <= learned.tests <= 6


def test_a_rival_that_is_not_installed_says_so(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "TransportMaps", None)
    with pytest.raises(NotApplicable, match=r"TransportMaps.*pip install 'vmi\[peers\]'"):
        LEARNERS.load("sing")[0](np.zeros((9, 2)))


@pytest.mark.parametrize("name", GRAPHS)
def test_a_graph_is_drawn_with_its_truth(name):
    task = GRAPHS.make(name)
    x = task.sample(9, generator(0))
    assert x.shape == (9, len(task.graph)) and np.isfinite(x).all()
    assert (task.graph == task.graph.T).all() and not task.graph.diagonal().any()
    assert (x == task.sample(9, generator(0))).all()
    assert task.truths["edges"] == task.graph.sum() / 2 > 0
    if task.information is not None:
        assert ((task.information > 0) == task.graph).all()


def test_single_pairs_are_kept_of_few_nodes_alone():
    assert "edges/0-1" in GRAPHS.make("random-10").truths
    assert "edges/0-1" not in GRAPHS.make("random-11").truths


def test_the_rules_take_what_both_say_or_either():
    one_sided = np.array([[0, 1, 0], [0, 0, 1], [0, 1, 0]])
    assert np.triu(symmetric(one_sided, "and")).nonzero() == (1, 2)
    assert symmetric(one_sided, "or").sum() == 4
    with pytest.raises(NotApplicable, match="'xor' is neither 'and' nor 'or'"):
        symmetric(one_sided, "xor")


def test_what_is_no_undirected_graph_is_refused():
    with pytest.raises(ValueError, match="symmetric"):
        Learned(np.triu(np.ones((2, 2), bool), 1), np.zeros((2, 2)))
    with pytest.raises(ValueError, match=r"are \(D, D\)"):
        Learned(np.zeros((2, 3), bool), np.zeros((2, 3)))


def test_each_test_is_made_once_whichever_node_asks():
    made = []

    def test(x, y, z, noise):
        made.append(1)
        return Outcome(0.5, 0.0, len(x))

    tested = CachedTests(np.zeros((4, 3)), test, 0.05, torch.Generator())
    assert tested(0, 1, [2]) is tested(1, 0, (2,))
    assert not tested.dependent(0, 1, [2]) and len(made) == 1


def test_one_sided_blankets_are_joined_by_or_alone():
    """A test that is wrong about one pair, given one set: 0 - 1 - 2, where 0 and 2 look joined."""
    right = oracle(joined(3, [(0, 1), (1, 2)]))

    def wrong(x, y, z, noise):
        asked = {int(x[0, 0]), int(y[0, 0])}
        if asked == {0, 1} and z is not None:
            return Outcome(0.9, 0.0, 2)
        return right(x, y, z, noise)

    x = np.tile(np.arange(3), (2, 1))
    edges = {
        r: learn(x, generator(0), most_associated, wrong, 0.05, r).edges for r in ("and", "or")
    }
    assert edges["and"].sum() <= edges["or"].sum()
    assert not (edges["and"] & ~edges["or"]).any()


def test_warnings_of_tests_are_told_once():
    def test(x, y, z, noise):
        return Outcome(0.5, 0.0, len(x), warning="beware")

    learned = learn(np.zeros((4, 3)), generator(0), most_associated, test, 0.05, "and")
    assert learned.warning == "beware" and learned.tests == 3


def test_a_learner_that_finds_nothing_has_no_precision():
    nothing = Learned(np.zeros((3, 3), bool), np.zeros((3, 3)))
    made = scores(nothing, joined(3, [(0, 1)]))
    assert made["precision"].state == "not applicable" and made["f1"].value == 0
    assert made["hamming"].value == 1 and made["auc"].value == 0.5
    empty = scores(nothing, joined(3, []))
    assert empty["recall"].state == "not applicable" and empty["f1"].value == 1
    assert empty["auc"].state == "not applicable"


def coin(x, y, z, generator):
    """A test that rejects by chance alone."""
    p = float(torch.rand((), dtype=torch.float64, generator=generator))
    return Outcome(p, 1 - p, len(x))


def test_repeated_by_chance_alone_two_runs_differ_in_half_of_the_pairs():
    x, changed = np.zeros((9, 2)), []
    for seed in range(400):
        learned = learn(x, generator(seed), most_associated, coin, 0.5, "and", repeats=2)
        changed.append(learned.changed)
        assert learned.tests == 2
    assert np.mean(changed) == pytest.approx(0.5, abs=0.1)  # four standard errors


def test_repeated_a_learner_that_draws_nothing_finds_the_same():
    x = GRAPHS.make("chain-4").sample(200, generator(0))
    once, thrice = (
        LEARNERS.load("iamb")[0](x, generator(1), test="fisher-z", repeats=r) for r in (1, 3)
    )
    assert (once.edges == thrice.edges).all() and np.isnan(once.changed) and thrice.changed == 0
    assert scores(once, once.edges)["changed"].state == "not applicable"
    assert scores(thrice, once.edges)["changed"].value == 0
    with pytest.raises(NotApplicable, match="once at least"):
        LEARNERS.load("iamb")[0](x, generator(1), test="fisher-z", repeats=0)


def test_both_rules_are_scored_and_or_finds_no_fewer():
    task = GRAPHS.make("grid-3")
    learned = LEARNERS.load("iamb")[0](task.sample(60, generator(0)), generator(1), test="fisher-z")
    both, either = learned.rules["and"], learned.rules["or"]
    assert (both <= either).all() and both.sum() < either.sum()
    made = scores(learned, task.graph)
    for name in ("hamming", "precision", "recall", "f1"):
        assert made[name].value == made[f"{name}/and"].value
        assert (
            made[f"{name}/or"].value
            == scores(Learned(either, learned.weights), task.graph)[name].value
        )
