"""Evaluation: a metric gets what it asks for, and a failure is a row."""

import math
import time

import numpy as np
import pytest
import torch
from toys import small_data

from vmi.data.dataset import from_arrays
from vmi.data.gaussian import gaussian
from vmi.errors import Damaged, NotApplicable, UserError
from vmi.estimate import Estimate, explained, measure
from vmi.likelihood import LOG_LIKELIHOODS
from vmi.metrics import METRICS
from vmi.mi import INFORMATION
from vmi.models.vae import VAE
from vmi.nets.codes import Codes, encode
from vmi.nets.latents import Latents
from vmi.random import generator
from vmi.references import asked_for
from vmi.stages.context import Context
from vmi.verify.worlds import CategoricalWorld, one_hot_codes


def context_of(folder, dataset, model):
    """The codes of a model stored where an evaluation looks for them."""
    for split in ("train", "evaluation"):
        encode(model, dataset.fixed(split)).save(folder / f"{split}.npz")
    return Context(dataset, lambda: model, folder, steps=10)


@pytest.fixture
def context(tmp_path):
    world, labels = CategoricalWorld(), torch.arange(200) % 3
    images = world.sample(200).float()
    data = from_arrays("world", images, labels, labels[:, None])
    return context_of(tmp_path, data, world.vae().float())


def rows(metric, context, seed=0, name="mine", **settings):
    noise = generator(context.dataset.name, seed, name)
    return [estimate for estimate, _ in measure(name, metric, settings, context, noise)]


def error_of(metric, context):
    return lack_of(metric, context)[1]


def lack_of(metric, context):
    """The state of what has no value, and why."""
    (estimate,) = rows(metric, context)
    assert math.isnan(estimate.value) and not estimate.warning
    return estimate.state, estimate.error


# ---------------------------------------------------------------- what a metric may return


@pytest.mark.parametrize(
    "number", [0.5, 1, True, np.float32(0.5), torch.tensor(0.5), torch.tensor([2])]
)
def test_a_metric_may_return_a_number(context, number):
    (estimate,) = rows(lambda codes: number, context)
    assert (estimate.value, estimate.error) == (float(number), "")


def test_a_metric_may_return_one_estimate_or_several(context):
    one, two = Estimate(1.0, unit="nats"), Estimate(2.0, part="rate")
    assert rows(lambda codes: one, context) == [one]
    assert rows(lambda codes: [one, two], context) == [one, two]
    assert rows(lambda codes: (one, two), context) == [one, two]


def test_settings_and_seconds_reach_their_places(context):
    def slow(codes, *, wait=0.0):
        time.sleep(wait)
        return [Estimate(wait), Estimate(wait)]

    measured = list(measure("slow", slow, {"wait": 0.02}, context, generator(0)))
    assert [estimate.value for estimate, _ in measured] == [0.02, 0.02]
    assert measured[0][1] == measured[1][1] >= 0.02


# ---------------------------------------------------------------- what a metric may ask for


def test_a_metric_gets_what_it_asks_for(context):
    seen = {}

    def metric(images, labels, model, factors, train_codes, codes, generator, *, setting=1):
        seen.update(locals())
        return 0.0

    assert rows(metric, context)[0].error == ""
    assert torch.equal(seen["images"], context.dataset.evaluation.images)
    assert torch.equal(seen["labels"], context.dataset.evaluation.labels)
    assert torch.equal(seen["factors"], context.dataset.evaluation.factors)
    assert (len(seen["codes"]), len(seen["train_codes"])) == (40, 160)
    assert seen["model"] is context.model
    assert seen["setting"] == 1


def test_only_what_is_asked_for_is_loaded(tmp_path):
    context = Context(small_data(), lambda: pytest.fail("loaded the model"), tmp_path)
    assert rows(lambda images: len(images), context)[0].value == 20


def test_asking_for_what_there_is_not_is_told():
    with pytest.raises(UserError, match="asks for 'labls'; there is: codes, train_codes, labels"):
        asked_for("mine", lambda codes, labls: 0.0, Context.offered)
    assert asked_for("mine", lambda codes, *, labls=1: 0.0, Context.offered) == ["codes"]


def test_the_generator_depends_on_data_seed_and_metric_alone(context):
    def draw(generator):
        return torch.rand((), generator=generator)

    value = rows(draw, context)[0].value
    torch.rand(3)
    assert rows(draw, context)[0].value == value
    others = [rows(draw, context, seed=1)[0].value, rows(draw, context, name="other")[0].value]
    assert len({value, *others}) == 3


# ---------------------------------------------------------------- a failure is a row


def test_a_metric_that_raises_becomes_a_row_with_its_error(context):
    def broken(codes):
        raise RuntimeError("the loss is not finite at step 120")

    why = "RuntimeError: the loss is not finite at step 120"
    assert lack_of(broken, context) == ("failed", why)


def test_a_metric_without_a_meaning_becomes_a_row_with_its_reason(context):
    def pointless(codes):
        raise NotApplicable("the code has one dimension")

    assert lack_of(pointless, context) == ("not applicable", "the code has one dimension")


def test_data_without_labels_or_factors_says_so(tmp_path):
    model = VAE((1, 4, 4), Latents(2), "linear", "gaussian")
    context = context_of(tmp_path, small_data(), model.double().requires_grad_(False))
    absent = {"small has no labels", "small has no ground-truth factors"}
    found = [lack_of(metric, context) for metric in (lambda labels: 0.0, lambda factors: 0.0)]
    assert set(found) == {("not applicable", reason) for reason in absent}


@pytest.mark.parametrize("result", [None, "0.5", {}, {"a": 0.5}, [], [0.5, 0.5]], ids=str)
def test_a_metric_that_returns_no_number_becomes_a_row_with_its_error(context, result):
    reason = "TypeError: a metric returns a number, an Estimate or a list of Estimates"
    assert error_of(lambda codes: result, context) == reason


@pytest.mark.parametrize("result", [math.nan, Estimate(math.nan), [Estimate(math.nan)]], ids=str)
def test_a_nan_is_never_silent(context, result):
    assert lack_of(lambda codes: result, context) == ("failed", "the number is NaN")


def test_an_infinite_number_is_a_failure_and_a_warning_is_none(context):
    (estimate,) = rows(lambda codes: math.inf, context)
    assert (estimate.state, estimate.error) == ("failed", "the number is inf")
    (estimate,) = rows(lambda codes: Estimate(1.0, warning="thin ice"), context)
    assert (estimate.state, estimate.warning, estimate.error) == ("value", "thin ice", "")


def test_a_nan_that_has_its_reason_keeps_it(context):
    assert error_of(lambda codes: Estimate(math.nan, error="too few"), context) == "too few"


def test_codes_that_are_missing_end_the_measuring_in_one_line(tmp_path):
    context = Context(small_data(), lambda: None, tmp_path)
    with pytest.raises(Damaged, match=r"cannot be read .* remove .*, and run the suite again"):
        error_of(lambda codes: 0.0, context)


# ---------------------------------------------------------------- every metric there is

ALL = [(r, name) for r in (METRICS, INFORMATION, LOG_LIKELIHOODS) for name in r]
GAUSSIAN_ONLY = {"active-units", "information-gaussian", "ais", "bdmc"}
GAPS = {name for name in METRICS if name.startswith("mig") or name in ("jemmig", "dcimig", "sap")}
VOTES = {"beta-vae-score", "factor-vae-score"}
SEVERAL_FACTORS = {"modularity", "infomec", "dci", "dci-boosted", "dci-histogram"} | VOTES
FIXED_FACTORS = {name for name in METRICS if name.startswith("explicitness")} | VOTES
ACCURACIES = {"accuracy-majority", "accuracy-hungarian", "accuracy-one-to-one"}
OF_LABELS = {*ACCURACIES, "nmi", "ari", "linear-probe"}
# Of what is not of each of the 40 images once: each code and a draw; half of the images a side.
N = {"temperature": 0, "prior-classifier": 80, "frechet": 20, "frechet/accuracy": 40}
OF_LEARNED_PRIORS = {"discriminator", "resampling", "langevin", "iwae-flattering"}
OF_EDGES = {"network"}  # of which a random code has none


@pytest.mark.parametrize(("registry", "name"), ALL, ids=[name for _, name in ALL])
def test_every_metric_gives_rows_with_number_or_reason(registry, name, context):
    metric, carried = registry.load(name)
    estimates = rows(metric, context, name=name, **carried)
    whole = estimates[0]
    # The code is one category of one factor, and its prior is the model's own.
    if name in GAUSSIAN_ONLY | GAPS | SEVERAL_FACTORS | OF_LEARNED_PRIORS | OF_EDGES:
        assert whole.state == "not applicable" and whole.error
    else:
        assert whole.state == "value" and math.isfinite(whole.value)
    for estimate in (e for e in estimates if e.state == "value"):
        assert estimate.value <= estimate.ceiling or math.isnan(estimate.ceiling)
        assert estimate.n == N.get(f"{name}/{estimate.part}".rstrip("/"), N.get(name, 40))
    assert all(e.convention for e in estimates if math.isfinite(e.value))
    parts = [estimate.part for estimate in estimates]
    assert len(set(parts)) == len(parts)
    assert "" in parts


@pytest.mark.parametrize(("registry", "name"), ALL, ids=[name for _, name in ALL])
def test_every_metric_gives_the_same_numbers_twice(registry, name, context):
    metric, carried = registry.load(name)
    once, twice = (rows(metric, context, name=name, **carried) for _ in range(2))
    assert list(map(str, once)) == list(map(str, twice))


def test_metrics_of_a_plain_vae_with_nothing_chosen(tmp_path):
    data = gaussian(dimensions=6, factors=2, n=100)
    context = context_of(tmp_path, data, VAE(data.shape, Latents(2), "linear", "gaussian").eval())
    states = {name: rows(registry.load(name)[0], context)[0].state for registry, name in ALL}
    nothing_chosen = {"information-chosen", "vmi-bound"}
    categorical = {"information-categorical", "iwae-summed", "temperature"}
    absent = {name for name, state in states.items() if state != "value"}
    of_the_code = nothing_chosen | categorical | OF_LEARNED_PRIORS
    # A code that was not trained has an edge by chance.
    assert absent - OF_EDGES == OF_LABELS | {"frechet"} | FIXED_FACTORS | of_the_code
    assert set(states.values()) == {"value", "not applicable"}


def test_accuracy_of_the_context_is_the_one_by_hand(tmp_path):
    labels = torch.arange(50) % 2
    images = labels.double().view(-1, 1, 1, 1).expand(-1, 1, 2, 2)
    context = Context(from_arrays("two", images, labels), lambda: None, tmp_path)
    for split in ("train", "evaluation"):
        values = getattr(context.dataset, split).labels
        certain = one_hot_codes(values, sizes=[2])
        Codes(certain.mean, certain.scale, certain.categorical, values).save(
            tmp_path / f"{split}.npz"
        )
    metric, _ = METRICS.load("accuracy-majority")
    (estimate,) = rows(metric, context)
    assert (estimate.value, estimate.n) == (1.0, 10)


def test_dynamic_images_are_the_same_bits_for_every_metric():
    data = small_data(binarisation="dynamic")
    first, second = (Context(data, lambda: None, None).images for _ in range(2))
    assert torch.equal(first, second)
    assert set(first.unique().tolist()) == {0, 1}


def test_a_number_above_its_ceiling_is_warned_of():
    assert "above its ceiling of 1" in explained(Estimate(1.1, ceiling=1.0)).warning
    assert explained(Estimate(1.1, ceiling=1.0, warning="why")).warning == "why"
    assert explained(Estimate(1.0 + 1e-9, ceiling=1.0)).warning == ""
