"""The linear probe, and what fitted metrics share."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.stats import norm

from vmi.errors import NotApplicable
from vmi.metrics.fitting import binomial, split
from vmi.metrics.probe import linear_probe
from vmi.random import generator
from vmi.verify.worlds import one_hot_codes, plain_codes


def labelled(codes, labels):
    return replace(codes, labels=torch.as_tensor(labels))


def probe(codes, labels, train_codes, **settings):
    return linear_probe(codes, labels, train_codes, generator(0), **settings)


def normal_classes(n, distance, stream):
    labels = torch.arange(n) % 2
    noise = torch.randn(n, 2, generator=generator(stream))
    noise[:, 0] += distance * labels
    return plain_codes(noise, labels=labels)


def test_two_far_normal_classes_are_told_apart_as_well_as_can_be():
    """Bayes: Phi(d / 2)."""
    distance = 2.0
    train, codes = normal_classes(10_000, distance, 0), normal_classes(10_000, distance, 1)
    estimate, best = probe(codes, codes.labels, train), norm.cdf(distance / 2)
    assert estimate.value == pytest.approx(best, abs=3 * binomial(best, 10_000))
    assert estimate.stderr == pytest.approx(binomial(estimate.value, 10_000))


def test_categories_are_read():
    labels = torch.arange(60) % 5
    codes = one_hot_codes((labels + 2) % 5, sizes=[5])
    assert probe(codes, labels, labelled(codes, labels)).value == 1


def test_a_constant_code_scores_the_commonest_training_label():
    train = labelled(plain_codes(torch.zeros(10, 2)), [3] * 7 + [1] * 3)
    assert probe(plain_codes(torch.zeros(4, 2)), [3, 1, 1, 1], train).value == 0.25


def test_plain_arrays_and_labels_are_read():
    train = labelled(plain_codes(torch.tensor([[-1.0], [1.0]])), [0, 1])
    estimate = probe(np.array([-2.0, 2.0, 3.0]), np.array([0, 1, 7]), train)
    assert estimate.value == pytest.approx(2 / 3)


def test_few_training_images_are_drawn_by_the_generator():
    train, codes = normal_classes(500, 1.0, 0), normal_classes(500, 1.0, 1)
    few = [probe(codes, codes.labels, train, train=20).value for _ in range(2)]
    assert few[0] == few[1]
    assert linear_probe(codes, codes.labels, train, generator(1), train=20).value != few[0]


@pytest.mark.parametrize(("labels", "reason"), [(None, "no labels"), ([1, 1], "one value alone")])
def test_a_probe_wants_labels_to_fit(labels, reason):
    codes = plain_codes(torch.eye(2))
    train = codes if labels is None else labelled(codes, labels)
    with pytest.raises(NotApplicable, match=reason):
        probe(codes, [0, 1], train)


@pytest.mark.parametrize(
    ("n", "fit", "test"), [(20_000, 10_000, 5000), (15_000, 10_000, 5000), (9, 6, 3), (2, 1, 1)]
)
def test_a_split_is_of_what_there_is(n, fit, test):
    a, b = split(n, generator(0))
    assert (len(a), len(b)) == (fit, test)
    assert len({*a, *b}) == fit + test
    assert {*a, *b} <= set(range(n))


def test_a_split_wants_two_images():
    with pytest.raises(NotApplicable, match="apart"):
        split(1, generator(0))


def test_the_error_of_a_share_is_binomial():
    assert binomial(0.5, 100) == pytest.approx(0.05)
    assert binomial(1, 7) == 0 and not math.isnan(binomial(0, 7))
