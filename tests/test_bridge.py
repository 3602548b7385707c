"""The network of a code and the factors; its known answers stand in vmi/verify/networks.py."""

import numpy as np
import pytest

import vmi
from vmi.errors import NotApplicable
from vmi.learners.bridge import Ties, network, ties
from vmi.random import generator
from vmi.verify.worlds import one_hot_codes

rng = np.random.default_rng(0)
SHAPE = rng.integers(0, 3, 200)
PLACE = rng.normal(size=200)


def test_a_category_is_a_dimension_and_a_factor_that_does_not_vary_is_none():
    codes = one_hot_codes(SHAPE, sizes=[3])
    found = ties(codes, np.stack([SHAPE, np.zeros(200, int)], 1), generator(0))
    assert found.across.tolist() == [[True]] and found.partners == [(0, 0)]
    assert (found.dimensions, found.images) == (1, 200)


def test_fewer_images_are_taken_where_it_is_said_and_the_seed_tells_which():
    made = [network(PLACE, PLACE, generator(0), images=60) for _ in range(2)]
    assert made[0] == made[1] and {each.n for each in made[0]} == {60}


def test_an_edge_beyond_the_pairing_lowers_the_precision():
    edges = np.zeros((4, 4), bool)
    for i, j in [(0, 2), (0, 3), (1, 3)]:
        edges[i, j] = edges[j, i] = True
    found = Ties(edges, 2, 10)
    assert sorted(found.partners) == [(0, 0), (1, 1)] and found.across.sum() == 3


def test_codes_and_factors_of_two_lengths_are_refused():
    with pytest.raises(NotApplicable, match="200 codes, and factors of 100"):
        network(PLACE, PLACE[:100], generator(0))


def test_it_is_computed_of_codes_of_the_users_own_where_it_is_named():
    codes = np.stack([PLACE, rng.normal(size=200)], 1)
    frame = vmi.score(codes, PLACE, metrics=["network"]).set_index("measure")["value"]
    assert frame[["network", "network/recall", "network/edges"]].tolist() == [1.0, 1.0, 1.0]
    assert "network/within" in frame
