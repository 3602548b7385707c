"""InfoMEC by hand, by closed forms of discrete channels, and against its definition."""

import math

import numpy as np
import pytest
import torch
from sklearn.feature_selection import mutual_info_classif

from vmi.errors import NotApplicable
from vmi.metrics.infomec import infomec
from vmi.nets.codes import Codes
from vmi.random import generator
from vmi.verify.counts import channel
from vmi.verify.grids import draw, grid
from vmi.verify.parts import value
from vmi.verify.worlds import one_hot_codes

PARTS = ("modularity", "explicitness", "compactness")


def score(codes, factors, part="", seed=0, **settings):
    return value(infomec(codes, factors, generator(seed), **settings), part)


def test_the_whole_is_the_mean_of_its_parts():
    factors = draw(300, 3, 4)
    whole, *parts = infomec(factors + 0.1, factors, generator(0))
    assert [p.part for p in parts] == list(PARTS)
    assert whole.value == pytest.approx(np.mean([p.value for p in parts]))
    assert "mean" in whole.convention


def test_two_copies_are_modular_and_not_compact():
    factors = torch.from_numpy(grid(3, 4))
    codes = one_hot_codes(*factors.T, *factors.T, sizes=[3, 4, 3, 4])
    assert score(codes, factors, "modularity") == pytest.approx(1)
    assert score(codes, factors, "compactness") == pytest.approx((1 / 2 - 1 / 4) / (1 - 1 / 4))


def test_one_dimension_of_both_factors_is_compact_and_not_modular():
    factors = grid(4, 4)
    joint = torch.from_numpy(factors @ [4, 1])
    spare = (torch.arange(16) == 0).long()  # tells a little of both, alike
    codes = one_hot_codes(joint, spare, sizes=[16, 2])
    assert score(codes, factors, "modularity") == pytest.approx(0, abs=1e-9)
    assert score(codes, factors, "compactness") > 0.7


@pytest.mark.parametrize("flip", [0, 3, 5])
def test_explicitness_of_a_binary_channel_is_its_capacity(flip):
    p = flip / 10
    noise = -sum(q * math.log(q) for q in (p, 1 - p) if q)
    codes, factors = channel(flip)
    assert score(codes, factors, "explicitness") == pytest.approx(1 - noise / math.log(2), abs=1e-3)


def test_explicitness_takes_all_dimensions_together_but_no_products():
    bits = np.tile(grid(2, 2), (50, 1))
    xor = bits.sum(1) % 2
    factors = np.stack([xor, bits[:, 0]], 1)
    assert score(bits.astype(float), factors, "explicitness") == pytest.approx(0.5, abs=0.01)


def test_explicitness_gives_no_credit_for_a_class_that_is_common():
    cells = grid(2, 10, 3)
    factors = np.stack([cells[:, 1] == 0, cells[:, 2]], 1).astype(int)
    useless = np.stack([cells[:, 0], -cells[:, 0]], 1)
    assert score(useless, factors, "explicitness") == pytest.approx(0, abs=1e-6)


def test_narrow_dimensions_are_pruned():
    factors = draw(400, 3, 4)
    noise = np.random.default_rng(0).normal(size=(400, 1))
    mean = torch.from_numpy(np.concatenate([factors, 1e-3 * noise], 1))
    pruned = score(factors.astype(float), factors, "modularity")
    wide = Codes(mean, torch.ones_like(mean))
    assert score(wide, factors, "modularity") == pytest.approx(pruned)
    assert score(mean, factors, "modularity") < pruned - 0.1


def test_an_outlier_prunes_no_other_dimension():
    factors = draw(100, 3, 4)
    codes = factors.astype(float)
    codes[0, 0] = 100
    assert score(codes, factors, "compactness") > 0.5


def test_modularity_is_its_definition():
    factors = draw(300, 2, 3)
    codes = factors @ np.array([[1.0, 0.4], [0.2, 1.0]]) + np.random.default_rng(0).normal(
        scale=0.3, size=(300, 2)
    )
    stream = generator(5)
    chosen = torch.randperm(300, generator=stream).numpy()
    seed = int(torch.randint(2**31 - 1, (), generator=stream))
    told = []
    for v in factors[chosen].T:
        p = np.bincount(v) / len(v)
        got = mutual_info_classif(codes[chosen], v, n_neighbors=4, random_state=seed)
        told.append(got / -(p * np.log(p)).sum())
    told = np.array(told)  # factors x dimensions
    modular = ((told.max(0) / told.sum(0)).mean() - 1 / 2) * 2
    compact = ((told.max(1) / told.sum(1)).mean() - 1 / 2) * 2
    got = infomec(codes, factors, generator(5), neighbours=4)
    assert value(got, "modularity") == pytest.approx(modular, abs=1e-6)
    assert value(got, "compactness") == pytest.approx(compact, abs=1e-6)


def test_means_and_categories_stand_side_by_side():
    factors = draw(600, 3, 4)
    block = one_hot_codes(torch.from_numpy(factors[:, 1]), sizes=[4]).categorical
    mean = torch.from_numpy(factors[:, :1].astype(float))
    codes = Codes(mean, torch.ones_like(mean), block)
    assert score(codes, factors, "modularity") > 0.95
    assert score(codes, factors, "compactness") > 0.95


def test_continuous_factors_are_cut():
    factors = np.random.default_rng(0).uniform(size=(1500, 2))
    assert score(factors, factors, "modularity") > 0.9


def test_no_more_images_are_taken_than_asked_for():
    factors = draw(500, 3, 4)
    codes = factors + np.random.default_rng(0).normal(size=(500, 2))
    assert {e.n for e in infomec(codes, factors, generator(0), images=100)} == {100}
    assert score(codes, factors, images=100) == score(codes, factors, images=100)
    assert score(codes, factors, images=100) != score(codes, factors, images=100, seed=1)


@pytest.mark.parametrize(
    ("codes", "factors", "reason"),
    [
        (np.arange(8.0), grid(2, 4), "has 1"),
        (grid(2, 4), np.arange(8) % 2, "compares factors"),
        (grid(2, 4), np.stack([np.arange(8), np.arange(8) % 2], 1), "differ"),
        (grid(2, 4) * np.nan, grid(2, 4), "finite"),
    ],
)
def test_infomec_without_a_meaning_is_not_applicable(codes, factors, reason):
    with pytest.raises(NotApplicable, match=reason):
        infomec(codes, factors, generator(0))
