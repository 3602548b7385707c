"""An estimate is flagged by what it shows itself, where the truth is known here."""

import numpy as np
import pytest

from vmi.estimate import Estimate
from vmi.mi.cca import cca
from vmi.mi.neighbours import ksg
from vmi.mi.reliability import answer, judged
from vmi.random import generator


def normal(n, correlation, columns=1, seed=0):
    draw = np.random.default_rng(seed)
    x = draw.standard_normal((n, columns))
    noise = draw.standard_normal((n, columns))
    return x, correlation * x + np.sqrt(1 - correlation**2) * noise


def flag(estimator, x, y, seed=0, **settings):
    (made,) = answer(None, estimator, settings, [(x, y)], [generator("reliability", seed)])
    return made.warning


def constant(value):
    return lambda x, y: Estimate(value, 0.0, "nats", n=len(x))


@pytest.mark.parametrize("estimator", [cca, ksg])
@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.9])
def test_what_is_right_is_not_flagged(estimator, correlation):
    assert flag(estimator, *normal(1000, correlation)) == ""


def test_information_is_not_negative():
    assert "information is not negative" in flag(constant(-1.0), *normal(200, 0.0))


def test_neighbours_see_what_a_line_does_not():
    x = np.random.default_rng(1).standard_normal((1000, 1))
    assert "neighbours find" in flag(cca, x, x**2 + 0.1 * normal(1000, 0)[1])


def test_neighbours_see_what_is_not_there_in_few_columns():
    text = flag(constant(1.0), *normal(1000, 0.0))
    assert text.startswith("not to be trusted: neighbours find")


def test_a_monotone_map_changes_nothing():
    x, y = normal(2000, 0.9, columns=6)
    assert "normal scores" in flag(cca, np.exp(4 * x), np.exp(4 * y))


@pytest.mark.parametrize(("columns", "n"), [(8, 300), (25, 2000)])
def test_too_few_rows_for_the_dimension(columns, n):
    def plain_ksg(x, y):
        made = ksg(x, y)
        return Estimate(made.value, made.stderr, "nats", n=made.n)

    assert "a normal sample" in flag(plain_ksg, *normal(n, 0.5, columns))


def test_nothing_is_found_where_y_is_shuffled():
    classes = np.random.default_rng(2).integers(0, 3, (2, 900))
    assert "where y is shuffled" in flag(constant(0.8), *classes)


def test_an_estimate_that_moves_with_the_rows_is_flagged():
    classes = np.random.default_rng(3).integers(0, 3, (2, 900))
    grows = {900: 0.3, 450: 0.9}

    def moving(x, y):
        paired = (x == classes[0][: len(x)]).all() or len(x) == 450
        return Estimate(grows[len(x)] if paired else 0.0, 0.0, "nats", n=len(x))

    assert "from half of the rows" in flag(moving, *classes)


def test_a_number_that_is_warned_of_already_is_left_as_it_is():
    def warned(x, y):
        return Estimate(-3.0, 0.1, "nats", warning="beware")

    assert flag(warned, *normal(100, 0.0)) == "beware"


def test_a_check_that_fails_is_a_flag():
    def failing(x, y):
        if len(x) < 200:
            raise ValueError("too few for me")
        return Estimate(0.0, 0.1, "nats", n=len(x))

    assert "too few for me" in flag(failing, *normal(200, 0.0))


def test_a_sample_is_judged_alike_alone_and_among_others():
    pairs = [normal(400, r, columns=6, seed=i) for i, r in enumerate((0.0, 0.6, 0.95))]
    streams = [generator("among", i) for i in range(3)]
    among = answer(None, ksg, {}, pairs, streams)
    alone = [answer(None, ksg, {}, [p], [generator("among", i)])[0] for i, p in enumerate(pairs)]
    assert among == alone


def test_a_network_learns_from_half_of_its_part():
    asked = []

    def ask(pairs, generators, learn):
        asked.append((len(pairs[0][0]), learn))
        return [Estimate(0.0, 0.05, "nats", n=len(x)) for x, _ in pairs]

    pairs, streams = [normal(500, 0.0)], [generator("fit")]
    (made,) = judged(ask(pairs, streams, 1), ask, pairs, streams, fitted=True)
    assert made.warning == "" and asked[-1] == (500, 2)
