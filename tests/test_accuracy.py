"""Accuracy and agreement of categorical codes, held against their definitions."""

import math
from dataclasses import replace
from itertools import combinations, permutations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from vmi.errors import NotApplicable
from vmi.metrics.accuracy import (
    accuracy_hungarian,
    accuracy_majority,
    accuracy_one_to_one,
    ari,
    nmi,
)
from vmi.verify.worlds import channel_codes, one_hot_codes

ALL = [accuracy_hungarian, nmi, ari]
values = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=40)


def code(given, k=5):
    return one_hot_codes(given, sizes=[k])


def majority(codes, labels, train, known):
    return accuracy_majority(codes, labels, replace(train, labels=torch.as_tensor(known)))


def one_to_one(codes, labels, train, known):
    return accuracy_one_to_one(codes, labels, replace(train, labels=torch.as_tensor(known)))


def test_hungarian_by_hand():
    """Value 0 is label 1 (3 right), value 1 label 0 (2 right); the rest, 3 of 8, is wrong."""
    estimate = accuracy_hungarian(code([0, 0, 0, 0, 1, 1, 1, 2]), [1, 1, 1, 0, 0, 0, 1, 1])
    assert estimate.value == pytest.approx(5 / 8)
    assert estimate.stderr == pytest.approx(math.sqrt(5 / 8 * 3 / 8 / 8))
    assert (estimate.ceiling, estimate.n) == (1, 8)


@pytest.mark.parametrize(("a", "b"), [(4, 2), (2, 4)])
def test_hungarian_finds_what_is_unmatched_wrong(a, b):
    """Of 4 values or labels, evenly drawn, 2 find a partner."""
    n = torch.arange(8)
    assert accuracy_hungarian(code(n % a), n % b).value == pytest.approx(1 / 2)


@given(values)
def test_hungarian_is_the_best_of_all_namings_and_below_majority(pairs):
    c, y = np.array(pairs).T
    best = max(np.mean(np.array(names)[c] == y) for names in permutations(range(5)))
    found = accuracy_hungarian(code(c), y).value
    assert found == pytest.approx(best, abs=1e-12)
    assert found <= majority(code(c), y, code(c), y).value + 1e-12


@given(values)
def test_one_to_one_on_what_it_was_fitted_on_is_hungarian(pairs):
    c, y = np.array(pairs).T
    assert one_to_one(code(c), y, code(c), y).value == accuracy_hungarian(code(c), y).value


def test_one_to_one_keeps_the_names_that_it_found_in_training():
    """In training 0 is "5" and 1 is "6"; of four images scored, two have the other's label."""
    found = one_to_one(code([0, 0, 1, 1]), [5, 6, 6, 5], code([0, 1, 1]), [5, 6, 6])
    assert found.value == pytest.approx(1 / 2)
    assert accuracy_hungarian(code([0, 0, 1, 1]), [6, 6, 5, 5]).value == 1
    assert one_to_one(code([0, 0, 1, 1]), [6, 6, 5, 5], code([0, 1]), [5, 6]).value == 0


def test_one_to_one_names_a_value_once_and_one_that_training_never_showed_not_at_all():
    """Values 0 and 1 are both "7" in training, 1 more often; 2 was never met."""
    found = one_to_one(code([0, 1, 2]), [7, 7, 7], code([0, 1, 1]), [7, 7, 7])
    assert found.value == pytest.approx(1 / 3)
    # 0 is "7" by two of its three; that leaves 1 with "8", which it never met, so with no name.
    assert one_to_one(code([0, 1]), [7, 8], code([0, 0, 0, 1]), [7, 7, 8, 7]).value == 1 / 2
    assert one_to_one(code([2, 2]), [7, 8], code([0, 1]), [7, 8]).value == 0


def entropy_of(*columns):
    _, counts = np.unique(np.stack(columns), axis=1, return_counts=True)
    p = counts / counts.sum()
    return -(p * np.log(p)).sum()


@given(values)
def test_nmi_is_over_the_arithmetic_mean_of_the_entropies(pairs):
    c, y = np.array(pairs).T
    if len(set(y)) > 1:
        both = entropy_of(c) + entropy_of(y)
        truth = 2 * (both - entropy_of(c, y)) / both
        assert nmi(code(c), y).value == pytest.approx(truth, abs=1e-12)


@given(values)
def test_ari_counts_the_pairs_that_both_put_together(pairs):
    c, y = np.array(pairs).T
    if len(set(y)) < 2:
        return
    two = [(c[i] == c[j], y[i] == y[j]) for i, j in combinations(range(len(c)), 2)]
    in_c, in_y = np.array(two).T
    chance, most = in_c.sum() * in_y.sum() / len(two), (in_c.sum() + in_y.sum()) / 2
    truth = ((in_c & in_y).sum() - chance) / (most - chance) if most > chance else 1
    assert ari(code(c), y).value == pytest.approx(truth, abs=1e-12)


@pytest.mark.parametrize("metric", ALL)
@given(values)
def test_names_of_values_and_labels_do_not_matter(metric, pairs):
    c, y = np.array(pairs).T
    if len(set(y)) > 1:
        other = metric(code(4 - c), torch.tensor(7 * y - 3)).value
        assert metric(code(c), y).value == pytest.approx(other, abs=1e-12)


@pytest.mark.parametrize("metric", ALL)
def test_a_perfect_code_scores_1(metric):
    y = np.arange(20) % 4
    assert metric(code((y + 1) % 4), y).value == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize(("metric", "floor"), [(accuracy_hungarian, 0.5), (nmi, 0), (ari, 0)])
def test_a_constant_code_scores_the_floor(metric, floor):
    assert metric(code([3] * 6), [0, 0, 0, 1, 1, 2]).value == pytest.approx(floor, abs=1e-12)


def test_images_that_are_all_apart_in_both_agree():
    assert ari(code([0, 1, 2]), [2, 0, 1]).value == 1


def test_several_blocks_are_their_combination_however_many():
    y = torch.arange(12)
    two = one_hot_codes(y % 3, y % 4, sizes=[3, 4])
    assert accuracy_hungarian(two, y).value == 1
    many = one_hot_codes(*[y % 2] * 70, sizes=[2] * 70)  # 2^70 combinations, of which two occur
    assert majority(many, y % 2, many, y % 2).value == 1


def test_a_value_that_training_never_showed_is_wrong():
    assert majority(code([0, 1, 2]), [5, 6, 5], code([0, 1]), [5, 6]).value == pytest.approx(2 / 3)


def test_negative_labels_are_labels():
    assert majority(code([0, 1]), np.array([-1, 4]), code([1, 0]), [4, -1]).value == 1


@pytest.mark.parametrize("metric", ALL)
@pytest.mark.parametrize("codes", [np.eye(4), torch.zeros(4, 2)])
def test_plain_arrays_have_no_categories(metric, codes):
    with pytest.raises(NotApplicable, match="no categorical block"):
        metric(codes, [0, 1, 0, 1])


@pytest.mark.parametrize("labels", [[0.5, 1.0], [[0, 1], [1, 0]]])
def test_labels_are_one_column_of_integers(labels):
    with pytest.raises(NotApplicable, match="one column of integers"):
        accuracy_hungarian(code([0, 1]), labels)


@pytest.mark.parametrize("metric", [nmi, ari])
def test_agreement_wants_two_labels(metric):
    with pytest.raises(NotApplicable, match="one label alone"):
        metric(code([0, 1]), [1, 1])


@pytest.mark.parametrize("metric", [accuracy_majority, accuracy_one_to_one])
def test_a_naming_wants_labels_to_fit(metric):
    with pytest.raises(NotApplicable, match="no labels"):
        metric(code([0, 1]), [1, 1], code([0, 1]))
    train = replace(code([0, 1]), labels=torch.tensor([3, 4]))
    with pytest.raises(NotApplicable, match="no evaluation label occurs"):
        metric(code([0, 1]), [1, 2], train)


def test_the_most_probable_value_counts():
    soft = channel_codes(torch.tensor([[0.4, 0.3, 0.3], [0.2, 0.5, 0.3]]))
    assert accuracy_hungarian(soft, [1, 0]).value == 1
