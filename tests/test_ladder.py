"""The ladder: every number on the linear-Gaussian world is where paper says it is."""

import math

import pytest

from vmi import mi
from vmi.errors import NotApplicable
from vmi.estimate import Estimate
from vmi.mi import ESTIMATORS
from vmi.registry import Registry
from vmi.verify import ladder as module
from vmi.verify.ladder import ARRAYS, TRUTH, WORLD, cases, ladder

MODEL = {"information", "information-dimensions", "information-decoder", "decomposition"}
MODEL |= {"decomposition-stratified", "elbo", "iwae-5", "iwae-50", "ais", "bdmc"}


def fails(x, y):
    raise ValueError("no luck")


def refuses(x, y):
    raise NotApplicable("these are reals")


def conditional(x, y, z):
    raise AssertionError("there is no z")


def tells(x, y, generator):
    return [Estimate(1.0, bound="lower"), Estimate(2.0, part="other")]


@pytest.fixture(scope="module")
def few():
    """Estimators that cost little, and the ways in which one may not answer."""
    references = {"cca": "vmi.mi.cca:cca", "ksg": "vmi.mi.neighbours:ksg"}
    own = {f.__name__: f"{__name__}:{f.__name__}" for f in (fails, refuses, conditional, tells)}
    with pytest.MonkeyPatch.context() as patch:
        registry = Registry("estimator", references | own)
        patch.setattr(mi, "ESTIMATORS", registry, raising=False)
        module.measured.cache_clear()
        yield
        module.measured.cache_clear()


def test_the_known_answers_are_of_the_models_metrics_and_of_what_is_registered(few):
    assert {c.instrument for c in cases()} == MODEL | {"cca", "ksg"}


def test_every_record_is_within_four_of_its_own_standard_errors_on_the_sides_it_promises(few):
    """Lower bounds promise to be below and upper bounds above; the rest, both."""
    paper = [r for r in ladder() if not math.isnan(r.truth) and r.measure not in ("tells", "fails")]
    for r in paper:
        biased = r.measure.startswith(("ksg", "decomposition-stratified"))
        owed = 4 * r.stderr + (0.02 if biased else 0.002)
        assert r.bound == "lower" or r.value >= r.truth - owed, r
        assert r.bound == "upper" or r.value <= r.truth + owed, r
    assert len(paper) > 20


def test_records_say_where_they_belong_and_what_is_true(few):
    rows = {r.measure: r for r in ladder()}
    assert {(r.suite, r.task, r.method, r.seed) for r in rows.values()} == {
        ("ladder", "linear-gaussian", "exact", 0)
    }
    assert MODEL | {"cca", "ksg"} <= set(rows)
    assert rows["cca"].truth == rows["information"].truth == TRUTH == WORLD.information()
    assert rows["information-dimensions/dimension-0"].truth == pytest.approx(math.log(3.25) / 2)
    assert rows["decomposition/total-correlation"].truth == 0
    assert rows["iwae-5"].truth == pytest.approx(rows["iwae-5"].value, abs=1e-9)
    assert rows["elbo/rate"].truth == pytest.approx(rows["elbo/rate"].value, abs=1e-9)
    assert all(r.low <= r.value <= r.high for r in rows.values() if not math.isnan(r.stderr))


def test_an_estimator_that_fails_is_a_row_and_one_without_meaning_is_none(few):
    rows = {r.measure: r for r in ladder()}
    assert rows["fails"].error == "ValueError: no luck"
    assert not {"refuses", "conditional"} & set(rows)
    assert (rows["tells"].truth, rows["tells"].bound) == (TRUTH, "lower")
    assert math.isnan(rows["tells/other"].truth)


def test_bounds_on_the_likelihood_are_ordered(few):
    rows = {r.measure: r.value for r in ladder()}
    truth = {r.measure: r.truth for r in ladder()}
    assert rows["ais"] < truth["ais"] + 0.02
    assert rows["bdmc/lower"] - 0.02 < truth["bdmc"] < rows["bdmc"] + 0.02


def test_the_intervals_would_notice_a_wrong_number(few):
    """No estimate of nothing, and none of bits for nats, would pass as exact."""
    two_sided = [c for c in cases() if c.truth == TRUTH and c.below == c.above]
    assert two_sided
    for case in two_sided:
        assert not case.holds(0.0)
        assert not case.holds(TRUTH / math.log(2))


@pytest.mark.parametrize("metric", ["cca", "information", "decomposition", "elbo", "iwae-5"])
def test_the_same_numbers_come_each_time(few, metric):
    first, again = (module.measured.__wrapped__(metric)[0] for _ in range(2))
    assert [e.value for e in first] == [e.value for e in again]


def test_every_declared_estimator_is_registered():
    assert set(ARRAYS) <= set(ESTIMATORS)  # as imported, before a fixture puts fewer there
