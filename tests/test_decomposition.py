"""The rate taken apart, where each part is known; the weights of stratified sampling."""

import itertools
import math

import pytest
import torch

from vmi.data.gaussian import LinearGaussian
from vmi.errors import NotApplicable
from vmi.mi.aggregate import information, information_categorical
from vmi.mi.decomposition import decomposition, decomposition_stratified, stratified_weights
from vmi.nets.codes import Codes
from vmi.nets.densities import log_aggregate, sample
from vmi.random import generator
from vmi.verify.model import correlated_codes
from vmi.verify.worlds import linear_codes, one_hot_codes, plain_codes, symmetric_channel

WORLD = LinearGaussian(dimensions=6, latents=2, scale=1.0)
BOTH = pytest.mark.parametrize("estimator", [decomposition, decomposition_stratified])


def parts_of(estimator, codes, seed=0, **settings):
    return {e.part: e for e in estimator(codes, generator(seed), **settings)}


def joint_codes():
    gaussian, (channel, _) = linear_codes(WORLD, 600), symmetric_channel(3, 0.2, 600)
    return Codes(gaussian.mean, gaussian.scale, channel.categorical)


@BOTH
@pytest.mark.parametrize("codes", [joint_codes(), linear_codes(WORLD, 600)], ids=["joint", "z"])
def test_the_parts_add_up_to_the_exact_rate(estimator, codes):
    parts = parts_of(estimator, codes, **({} if estimator is decomposition else {"batch_size": 50}))
    assert list(parts) == ["", "information", "total-correlation", "dimension-wise-kl"]
    whole, *rest = (e.value for e in parts.values())
    assert sum(rest) == pytest.approx(whole, abs=1e-12)
    assert whole == pytest.approx(information(codes, generator(0))[2].value, abs=1e-12)
    assert (parts[""].bound, parts[""].unit, parts[""].n) == ("exact", "nats", 600)


def test_parts_of_the_linear_world_are_known():
    parts = parts_of(decomposition, linear_codes(WORLD, 2000))
    assert parts["information"].value == pytest.approx(WORLD.information(), abs=0.065)
    assert parts["total-correlation"].value == pytest.approx(0, abs=0.01)
    assert parts["dimension-wise-kl"].value == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize("rho", [0.5, 0.9])
def test_a_correlated_aggregate_has_its_total_correlation(rho):
    codes, truth = correlated_codes(rho, 2000)
    found = parts_of(decomposition, codes)
    assert truth["total-correlation"] == pytest.approx(-math.log(1 - rho**2) / 2)
    for part, value in truth.items():
        assert abs(found[part].value - value) < 4 * found[part].stderr + 0.005, part


def test_parts_agree_with_information_by_plain_samples():
    codes = joint_codes()
    whole, *_ = information(codes, generator(1))
    part = parts_of(decomposition, codes)["information"]
    assert abs(whole.value - part.value) < 4 * math.hypot(whole.stderr, part.stderr)
    assert part.stderr < whole.stderr  # what the control variate is for


def test_parts_are_unbiased_for_the_images_at_hand_and_their_errors_are_their_spread():
    codes = linear_codes(WORLD, 200)
    runs = [parts_of(decomposition, codes, seed)["information"] for seed in range(60)]
    fine = sum(information(codes, generator("fine", seed))[0].value for seed in range(60)) / 60
    values = torch.tensor([e.value for e in runs])
    assert values.mean().item() == pytest.approx(fine, abs=0.04)
    # over draws of the code alone; the error is also over images
    assert values.std().item() < runs[0].stderr


def test_two_copies_of_a_category_are_correlated_by_their_entropy():
    a = torch.arange(300) % 3
    parts = parts_of(decomposition, one_hot_codes(a, a, sizes=[3, 3]))
    expected = {
        "": 2 * math.log(3),
        "information": math.log(3),
        "total-correlation": math.log(3),
        "dimension-wise-kl": 0,
    }
    for part, value in expected.items():
        assert parts[part].value == pytest.approx(value, abs=1e-9), part


def test_uneven_categories_are_as_far_from_the_prior_as_their_entropy_is_from_its_most():
    codes = one_hot_codes([0] * 5 + [1] * 3 + [3] * 2, sizes=[4])
    parts, entropy = parts_of(decomposition, codes), information_categorical(codes).value
    assert parts["information"].value == pytest.approx(entropy)
    assert parts["dimension-wise-kl"].value == pytest.approx(math.log(4) - entropy)


def test_a_constant_code_at_the_prior_has_no_part_at_all():
    parts = parts_of(decomposition, plain_codes(torch.zeros(100, 2)))
    assert [e.value for e in parts.values()] == pytest.approx([0] * 4, abs=1e-9)


# ---------------------------------------------------------------- stratified sampling


def expected_densities(weights, density):
    """E of the estimate of q(z_i) over all ordered batches of which i is at each place; (N,)."""
    n, size = len(density), len(weights)
    batches = list(itertools.permutations(range(n), size))
    totals, counts = torch.zeros(n).double(), torch.zeros(n).double()
    for batch in batches:
        columns = list(batch)
        totals[columns] += (weights * density[columns][:, columns]).sum(1)
        counts[columns] += 1
    return totals / counts


def densities(n):
    q, z = sample(linear_codes(WORLD, n), generator(0))
    return q.log_prob(z[:, None]).exp(), log_aggregate(q, z).exp()


def copied_weights(n, size):
    """The weights as four libraries have them: strides of a column where the diagonal is meant."""
    others = size - 1
    weights = torch.full((size, size), 1 / others).double()
    weights.view(-1)[::size] = 1 / n
    weights.view(-1)[1::size] = (n - others) / (n * others)
    weights[others - 1, 0] = (n - others) / (n * others)
    return weights


@pytest.mark.parametrize(("n", "size"), [(5, 2), (5, 3), (6, 4), (5, 5)])
def test_stratified_weights_give_the_aggregate_on_average_over_batches(n, size):
    density, exact = densities(n)
    weights = stratified_weights(n, size)
    torch.testing.assert_close(expected_densities(weights, density), exact, rtol=1e-12, atol=0)
    torch.testing.assert_close(weights.sum(1), torch.ones(size).double())
    assert weights.diagonal().tolist() == [1 / n] * size


@pytest.mark.parametrize(("n", "size"), [(5, 3), (6, 4)])
def test_weights_with_the_stride_of_a_column_do_not(n, size):
    density, exact = densities(n)
    wrong = expected_densities(copied_weights(n, size), density)
    assert (wrong > 1.02 * exact).all()  # every density comes out too high


def test_the_logarithm_of_an_unbiased_estimate_is_too_low_by_a_known_side():
    codes, truth = linear_codes(WORLD, 1000), parts_of(decomposition, linear_codes(WORLD, 1000))
    found = [parts_of(decomposition_stratified, codes, batch_size=b) for b in (8, 64, 500)]
    errors = [f["information"].value - truth["information"].value for f in found]
    assert errors[0] > errors[1] > errors[2] > -0.02
    assert errors[0] > 0.2
    assert abs(errors[2]) < 0.05  # a batch of half the images is nearly unbiased
    assert found[0]["dimension-wise-kl"].value < found[1]["dimension-wise-kl"].value < 0.01
    bounds = [e.bound for e in found[0].values()]
    assert bounds == ["exact", "upper", "", "lower"]


def test_stratified_sampling_of_far_codes_says_ln_n_whatever_they_know():
    """Pairs of copies: ln N - ln 2 nats, which no batch of 4 of 400 can see."""
    means = torch.arange(200.0).repeat_interleave(2)[:, None] * 100
    parts = parts_of(decomposition_stratified, plain_codes(means), batch_size=4)
    assert parts["information"].value == pytest.approx(math.log(400), abs=0.2)
    exact = parts_of(decomposition, plain_codes(means))
    assert exact["information"].value == pytest.approx(math.log(200), abs=1e-6)


@pytest.mark.parametrize(("n", "batch"), [(1, 64), (10, 1)])
def test_a_batch_of_one_is_not_applicable(n, batch):
    codes = plain_codes(torch.zeros(n, 1))
    with pytest.raises(NotApplicable, match="two images"):
        decomposition_stratified(codes, generator(0), batch_size=batch)


@BOTH
def test_the_same_generator_gives_the_same_numbers(estimator):
    codes = joint_codes()
    assert estimator(codes, generator(3)) == estimator(codes, generator(3))
    assert estimator(codes, generator(3)) != estimator(codes, generator(4))


def test_one_image_has_no_information_and_no_error():
    parts = parts_of(decomposition, plain_codes(torch.ones(1, 2)))
    assert parts["information"].value == parts["total-correlation"].value == 0
    assert math.isnan(parts["information"].stderr)
