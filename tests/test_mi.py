"""Mutual information where it is known: channels, a linear-Gaussian world, constructed decoders."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from vmi.data.dataset import Split
from vmi.data.gaussian import LinearGaussian
from vmi.errors import NotApplicable
from vmi.mi import bound
from vmi.mi.aggregate import (
    information,
    information_categorical,
    information_chosen,
    information_dimensions,
    information_gaussian,
)
from vmi.mi.bound import vmi_bound
from vmi.models.vae import VAE
from vmi.nets import densities
from vmi.nets.codes import Codes, encode
from vmi.nets.densities import joint_probabilities, log_aggregate, sample
from vmi.nets.latents import Latents
from vmi.random import generator
from vmi.verify.model import correlated_codes
from vmi.verify.worlds import (
    CategoricalWorld,
    channel_codes,
    linear_codes,
    one_hot_codes,
    plain_codes,
    symmetric_channel,
)

WORLD = LinearGaussian(dimensions=6, latents=2, scale=1.0)


# ---------------------------------------------------------------- the linear-Gaussian world


def test_information_of_the_linear_world_is_bracketed_and_met():
    whole, lower, upper = information(linear_codes(WORLD, 3000), generator(0))
    truth = WORLD.information()
    assert truth == pytest.approx(math.log(10) / 2 + math.log(2) / 2)
    assert abs(whole.value - truth) < 4 * whole.stderr
    assert whole.stderr < 0.03
    assert lower.value - 3 * lower.stderr <= truth <= upper.value + 3 * upper.stderr
    assert abs(upper.value - truth) < 4 * upper.stderr  # the aggregate code is the prior
    assert lower.value == pytest.approx(truth, abs=0.1)  # 256 negatives are plenty for 1.5 nats
    assert [e.ceiling for e in (whole, lower)] == [math.log(3000), math.log(256)]
    assert [e.bound for e in (whole, lower, upper)] == ["", "lower", "upper"]
    assert [e.part for e in (whole, lower, upper)] == ["", "infonce", "rate"]


@pytest.mark.parametrize("k", [2, 8, 64])
def test_infonce_stays_below_the_logarithm_of_its_negatives(k):
    sharp = LinearGaussian(dimensions=6, latents=2, scale=0.01)
    _, lower, upper = information(linear_codes(sharp, 640), generator(0), negatives=k)
    assert sharp.information() > 9
    assert 0.95 * math.log(k) < lower.value <= lower.ceiling == pytest.approx(math.log(k))
    assert abs(upper.value - sharp.information()) < 4 * upper.stderr


def test_information_of_few_images_is_at_most_the_logarithm_of_their_number():
    sharp = LinearGaussian(dimensions=6, latents=2, scale=0.01)
    whole, lower, _ = information(linear_codes(sharp, 50), generator(0))
    assert whole.value <= math.log(50)
    assert whole.value == pytest.approx(math.log(50), abs=0.05)
    assert lower.ceiling == math.log(50)  # no more negatives than there are images


def test_information_is_about_the_encoder_and_not_the_prior():
    """Codes far from the prior: the rate says 12 nats, of which 0 are information."""
    far = plain_codes(torch.full((200, 1), 5.0).double())
    whole, lower, upper = information(far, generator(0))
    assert whole.value == pytest.approx(0, abs=1e-9)
    assert lower.value == pytest.approx(0, abs=1e-9)
    assert upper.value == pytest.approx(12.5)


def test_information_of_a_joint_code_adds_up_over_independent_blocks():
    gaussian, (channel, truth) = linear_codes(WORLD, 3000), symmetric_channel(3, 0.2, 3000)
    joint = Codes(gaussian.mean, gaussian.scale, channel.categorical)
    whole, *_ = information(joint, generator(0))
    assert abs(whole.value - truth - WORLD.information()) < 4 * whole.stderr
    alone, *_ = information_gaussian(joint, generator(0))
    assert abs(alone.value - WORLD.information()) < 4 * alone.stderr


def test_log_aggregate_is_the_loop(monkeypatch):
    latents = Latents(2, (3, 2))
    outputs = torch.randn(40, latents.outputs, generator=generator("outputs")).double()
    q = latents.distribution(outputs)
    z = q.sample_from(latents.draw_noise((40,), generator("z")).double())[:15]
    loop = torch.stack(
        [torch.stack([q[j].log_prob(row) for j in range(40)]).logsumexp(0) for row in z]
    ) - math.log(40)
    torch.testing.assert_close(log_aggregate(q, z), loop)
    monkeypatch.setattr(densities, "CELLS", 40 * 4)  # four codes at a time
    torch.testing.assert_close(log_aggregate(q, z), loop)
    monkeypatch.setattr(densities, "CELLS", 1)
    torch.testing.assert_close(log_aggregate(q, z), loop)


def test_log_aggregate_stays_exact_for_narrow_codes():
    mean = torch.randn(30, 2, generator=generator("mean")).double()
    q, z = sample(Codes(mean, torch.full_like(mean, 1e-4)), generator(0))
    loop = torch.stack([q.log_prob(row).logsumexp(0) for row in z]) - math.log(30)
    torch.testing.assert_close(log_aggregate(q, z), loop, rtol=0, atol=1e-6)


def test_a_code_without_a_block_says_so():
    with pytest.raises(NotApplicable, match="no Gaussian block"):
        information_gaussian(one_hot_codes([0, 1], sizes=[2]), generator(0))
    with pytest.raises(NotApplicable, match="no categorical block"):
        information_categorical(plain_codes(torch.zeros(5, 2)))


# ---------------------------------------------------------------- exact information of categories


def test_certain_categories_tell_their_entropy():
    estimate = information_categorical(one_hot_codes(torch.arange(50) % 10, sizes=[10]))
    assert estimate.value == pytest.approx(math.log(10), abs=1e-12)
    assert estimate.ceiling == math.log(10)
    assert (estimate.bound, estimate.unit, estimate.n) == ("exact", "nats", 50)
    both = one_hot_codes(torch.arange(60) % 2, torch.arange(60) % 3, sizes=[2, 3])
    assert information_categorical(both).ceiling == math.log(6)


def test_exact_posterior_of_the_categorical_world_meets_the_sum_over_all_images():
    world = CategoricalWorld()
    codes = encode(world.vae(), Split(world.sample(4000)))
    torch.testing.assert_close(codes.categorical[0], world.posterior(world.sample(4000)))
    exact, (sampled, *_) = information_categorical(codes), information(codes, generator(0))
    assert abs(exact.value - world.information()) < 4 * exact.stderr
    assert abs(sampled.value - exact.value) < 4 * sampled.stderr


def test_stderr_of_the_exact_information_is_its_spread_over_samples():
    world = CategoricalWorld()
    posterior = world.posterior(world.sample(20_000)).split(200)
    estimates = [information_categorical(channel_codes(p)) for p in posterior]
    spread = torch.tensor([e.value for e in estimates]).std().item()
    assert estimates[0].stderr == pytest.approx(spread, rel=0.3)


def test_too_many_combinations_are_not_applicable():
    blocks = [torch.full((2, 10), 0.1)] * 20
    with pytest.raises(NotApplicable, match="100000000000000000000 combinations"):
        information_categorical(channel_codes(*blocks))


def test_joint_probabilities_are_products_that_sum_to_one():
    p, r = torch.tensor([[0.25, 0.75]]), torch.tensor([[0.1, 0.2, 0.7]])
    joint = joint_probabilities(channel_codes(p, r))
    torch.testing.assert_close(joint, (p.T * r).flatten()[None].double())
    assert joint.sum().item() == pytest.approx(1, abs=1e-15)


@given(
    n=st.integers(1, 30),
    sizes=st.lists(st.integers(2, 5), min_size=1, max_size=2),
    sharpness=st.floats(0, 50),
    seed=st.integers(0, 1000),
)
def test_information_of_categories_lies_between_0_and_its_ceilings(n, sizes, sharpness, seed):
    stream = generator(seed)
    blocks = [(sharpness * torch.randn(n, k, generator=stream)).softmax(1) for k in sizes]
    value = information_categorical(channel_codes(*blocks)).value
    assert -1e-12 <= value <= min(math.log(math.prod(sizes)), math.log(n)) + 1e-12


# ---------------------------------------------------------------- the variational bound

QUICK = {"steps": 300, "learning_rate": 0.05}


def drawing_model(latents, weight):
    """A model whose decoded image is `weight` times the code; it needs no encoder."""
    model = VAE((1, 1, weight.shape[0]), latents, "linear", "gaussian")
    with torch.no_grad():
        model.decoder.net[0].weight.copy_(weight)
        model.decoder.net[0].bias.zero_()
    return model.eval().requires_grad_(False)


def bound_of(model, codes, **settings):
    estimates = vmi_bound(model, codes, codes, generator(0), **(QUICK | settings))
    return {e.part: e for e in estimates}


def test_the_bound_says_what_it_is_made_of():
    values = torch.tensor([0] * 50 + [1] * 30 + [2] * 20)
    codes, model = one_hot_codes(values, sizes=[4]), drawing_model(Latents(0, (4,)), torch.eye(4))
    parts = bound_of(model, codes, steps=20)
    entropy = -sum(p * math.log(p) for p in (0.5, 0.3, 0.2))
    assert parts["entropy"].value == pytest.approx(entropy)
    assert parts["categorical"].value <= entropy
    assert parts[""].value == pytest.approx(parts["categorical"].value)
    assert parts[""].bound == parts["categorical"].bound == "lower"
    assert set(parts) == {"", "categorical", "entropy", "entropy-categorical", "published"}
    assert parts["entropy-categorical"].value == pytest.approx(entropy)
    assert parts["published"].value - parts["categorical"].value == pytest.approx(
        math.log(4) - entropy
    )


def test_a_decoder_that_ignores_the_code_leaves_a_bound_of_nearly_0():
    codes = one_hot_codes(torch.arange(400) % 4, sizes=[4])
    parts = bound_of(drawing_model(Latents(0, (4,)), torch.zeros(6, 4)), codes, learning_rate=0.005)
    assert -0.02 < parts["categorical"].value <= 1e-6
    assert parts["entropy"].value == pytest.approx(math.log(4))


def test_a_constant_code_has_no_bound_above_0_either_where_it_is_ignored():
    """With ln 10 in place of the entropy of the code, as the authors plot it, it is 2.3 nats."""
    codes = one_hot_codes([7] * 100, sizes=[10])
    parts = bound_of(drawing_model(Latents(0, (10,)), torch.zeros(10, 10)), codes)
    assert parts["entropy"].value == parts["entropy-categorical"].value == 0
    assert -0.05 < parts["categorical"].value <= 0
    assert parts["published"].value == pytest.approx(math.log(10), abs=0.05)
    assert parts["published"].bound == ""


@pytest.mark.parametrize("sharpness", [0.5, 3.0])
@pytest.mark.parametrize("steps", [0, 20])
def test_bound_never_exceeds_the_entropy_of_the_aggregate_code(sharpness, steps):
    p = (sharpness * torch.randn(200, 5, generator=generator("p"))).softmax(1)
    parts = bound_of(
        drawing_model(Latents(0, (5,)), 9 * torch.eye(5)), channel_codes(p), steps=steps
    )
    entropy = float(torch.special.entr(p.double().mean(0)).sum())
    assert parts["entropy"].value == pytest.approx(entropy, abs=1e-6)
    assert parts["categorical"].value <= entropy


def test_gaussian_part_meets_the_truth_where_the_image_mixes_two_dimensions():
    """x' = z_1 + z_2 with z ~ N(0, I): I(z_1; x') = -.5 ln(1 - .5), and Q can hold the answer."""
    mean = 0.8 * torch.randn(3000, 2, generator=generator("mean"))
    model = drawing_model(Latents(2, informed=1), torch.ones(1, 2))
    parts = bound_of(model, plain_codes(mean, scale=0.6), steps=600, learning_rate=0.01)
    assert parts["gaussian"].value == pytest.approx(math.log(2) / 2, abs=0.06)
    assert parts[""].value == pytest.approx(parts["gaussian"].value)
    normal = 0.5 * math.log(2 * math.pi * math.e)
    assert parts["entropy"].value == pytest.approx(normal, abs=0.05)


def test_gaussian_part_of_an_injective_decoder_is_large_and_finite():
    codes, loadings = linear_codes(WORLD, 500), WORLD.loadings.float()
    parts = bound_of(drawing_model(Latents(2, informed=2), loadings), codes)
    assert WORLD.information() < parts["gaussian"].value < math.inf
    assert all(math.isfinite(e.stderr) for e in parts.values())


def test_parts_of_a_joint_code_speak_of_their_own_components():
    latents = Latents(2, (3,), informed=1)
    mean = 0.8 * torch.randn(600, 2, generator=generator("mean"))
    certain = one_hot_codes(torch.arange(600) % 3, sizes=[3])
    codes = Codes(mean, torch.full_like(mean, 0.6), certain.categorical)
    weight = torch.block_diag(torch.zeros(1, 2), 3 * torch.eye(3))  # shows the category alone
    parts = bound_of(drawing_model(latents, weight), codes, learning_rate=0.02)
    assert parts["categorical"].value == pytest.approx(math.log(3), abs=0.02)
    assert parts["entropy-categorical"].value == pytest.approx(math.log(3))
    assert parts["gaussian"].value == pytest.approx(0, abs=0.06)
    assert parts[""].value == pytest.approx(math.log(3), abs=0.08)


def test_bound_is_reported_on_codes_that_q_was_not_fitted_on():
    model = drawing_model(Latents(0, (2,)), 9 * torch.eye(2))
    seen, unseen = one_hot_codes([0] * 50, sizes=[2]), one_hot_codes([1] * 50, sizes=[2])
    whole, *_ = vmi_bound(model, seen, unseen, generator(0), **QUICK)
    assert whole.value < -3  # Q never met the other value


def test_bound_of_a_code_with_nothing_chosen_is_not_applicable():
    model = drawing_model(Latents(2), torch.zeros(4, 2))
    with pytest.raises(NotApplicable, match="no component"):
        bound_of(model, plain_codes(torch.zeros(10, 2)))


def test_fitting_q_leaves_the_model_and_the_global_generator_alone():
    model = drawing_model(Latents(0, (4,)), torch.eye(4))
    before = {name: t.clone() for name, t in model.state_dict().items()}
    state = torch.get_rng_state()
    bound_of(model, one_hot_codes(torch.arange(40) % 4, sizes=[4]), steps=5)
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(t, before[name]) for name, t in model.state_dict().items())
    assert not any(m.training for m in model.modules())


def test_a_code_of_too_many_categories_is_refused_before_q_is_fitted(monkeypatch):
    monkeypatch.setattr(bound, "fit_q", lambda *_: pytest.fail("Q was fitted"))
    codes = channel_codes(*[torch.full((2, 10), 0.1)] * 20)
    model = drawing_model(Latents(0, (10,) * 20), torch.zeros(4, 200))
    with pytest.raises(NotApplicable, match="too many to sum over"):
        bound_of(model, codes)


# ---------------------------------------------------------------- parts of a code


def joint_codes(n=600):
    gaussian, (channel, _) = linear_codes(WORLD, n), symmetric_channel(3, 0.2, n)
    return Codes(gaussian.mean, gaussian.scale, channel.categorical)


def test_each_component_has_its_own_information_and_independent_ones_add_up():
    codes = joint_codes(1800)
    whole, first, second, category = information_dimensions(codes, generator(0))
    assert [e.part for e in (whole, first, second, category)] == [
        "",
        "dimension-0",
        "dimension-1",
        "category-0",
    ]
    for estimate, variance in ((first, 9), (second, 1)):
        assert abs(estimate.value - math.log1p(variance) / 2) < 4 * estimate.stderr
    assert category.value == pytest.approx(symmetric_channel(3, 0.2, 1800)[1], abs=1e-12)
    assert whole.value == pytest.approx(first.value + second.value + category.value)
    assert (whole.bound, first.bound, category.bound) == ("upper", "", "exact")
    assert (first.ceiling, category.ceiling) == (math.log(1800), math.log(3))
    together, *_ = information(codes, generator(0))
    assert abs(whole.value - together.value) < 4 * together.stderr


def test_information_by_dimension_is_of_no_more_codes_than_it_is_told():
    whole, first, *_ = information_dimensions(joint_codes(1800), generator(0), most=900)
    assert whole.n == first.n == 900 and first.ceiling == math.log(900)
    assert abs(first.value - math.log1p(9) / 2) < 4 * first.stderr


def test_two_copies_count_twice_and_the_excess_is_their_total_correlation():
    codes, truth = correlated_codes(0.9, 1500)
    whole, *_ = information_dimensions(codes, generator(0))
    together, *_ = information(codes, generator(0))
    excess = whole.value - together.value
    assert excess == pytest.approx(truth["total-correlation"], abs=0.1)
    a = torch.arange(60) % 3
    sum_of_copies, *_ = information_dimensions(one_hot_codes(a, a, sizes=[3, 3]), generator(0))
    assert sum_of_copies.value == pytest.approx(2 * math.log(3), abs=1e-12)


def test_a_dead_dimension_has_no_information():
    codes = linear_codes(WORLD, 300)
    dead = Codes(codes.mean * torch.tensor([1, 0]), codes.scale)
    _, alive, asleep = information_dimensions(dead, generator(0))
    assert alive.value > 1
    assert asleep.value == pytest.approx(0, abs=1e-9)


def test_the_sum_over_components_is_no_looser_than_the_rate():
    codes, _ = correlated_codes(0.5, 800)
    shifted = Codes(codes.mean + 1, codes.scale)
    whole, *_ = information_dimensions(shifted, generator(0))
    _, _, rate = information(shifted, generator(0))
    assert whole.value < rate.value - 0.9  # half a nat a dimension lies off the prior


@given(seed=st.integers(0, 1000))
def test_the_order_of_dimensions_only_orders_the_parts(seed):
    codes = linear_codes(WORLD, 200)
    flipped = Codes(codes.mean.flip(1), codes.scale.flip(1))
    _, *here = information_dimensions(codes, generator(seed))
    _, *there = information_dimensions(flipped, generator(seed))
    for a, b in zip(here, reversed(there), strict=True):
        assert abs(a.value - b.value) < 5 * math.hypot(a.stderr, b.stderr)


@pytest.mark.parametrize("informed", [1, 2])
def test_chosen_information_is_of_the_informed_dimensions_and_all_categories(informed):
    codes = joint_codes()
    model = drawing_model(Latents(2, (3,), informed=informed), torch.zeros(4, 5))
    chosen = information_chosen(model, codes, generator(0))
    alone = Codes(codes.mean[:, :informed], codes.scale[:, :informed], codes.categorical)
    assert chosen == information(alone, generator(0))


def test_chosen_information_of_categories_is_the_exact_one():
    codes = joint_codes()
    model = drawing_model(Latents(2, (3,)), torch.zeros(4, 5))
    whole, *_ = information_chosen(model, codes, generator(0))
    assert abs(whole.value - information_categorical(codes).value) < 4 * whole.stderr


def test_nothing_chosen_is_not_applicable():
    model = drawing_model(Latents(2), torch.zeros(4, 2))
    with pytest.raises(NotApplicable, match="no component"):
        information_chosen(model, plain_codes(torch.zeros(10, 2)), generator(0))


def test_every_number_says_by_what_convention_it_came_about():
    codes = joint_codes()
    made = [*information(codes, generator(0)), *information_dimensions(codes, generator(0))]
    made += [information_categorical(codes)]
    model = drawing_model(Latents(2, (3,), informed=1), torch.zeros(4, 5))
    made += bound_of(model, codes, steps=1).values()
    assert all(e.convention and e.unit == "nats" for e in made)


# ---------------------------------------------------------------- near a ceiling, and far off


def test_an_information_near_its_ceiling_says_so():
    points = plain_codes(torch.arange(100.0)[:, None], 1e-3)
    whole, infonce, rate = information(points, generator(0), negatives=50)
    assert "within 5% of its ceiling of 4.61 nats" in whole.warning
    assert "logarithm of 50 images" in infonce.warning
    assert not rate.warning
    assert not any(e.warning for e in information(linear_codes(WORLD, 500), generator(0)))


def test_the_sum_over_dimensions_is_no_bound_where_one_of_them_is_full():
    """At most 400 codes: the sum is ln 400, and the information of all 1,000 is ln 1,000."""
    points = plain_codes(torch.arange(1000.0)[:, None], 1e-3)
    whole, only = information_dimensions(points, generator(0), most=400)
    assert (whole.bound, whole.ceiling) == ("", pytest.approx(math.log(400)))
    assert whole.value < information(points, generator(0))[0].value - 0.5
    assert "no bound beyond these images" in whole.warning
    assert "within 5%" in only.warning
    whole, *_ = information_dimensions(linear_codes(WORLD, 500), generator(0))
    assert (whole.bound, whole.ceiling) == ("upper", pytest.approx(2 * math.log(500)))


def test_a_code_far_from_0_beside_its_spread_says_so():
    points = torch.randn(300, 1, generator=generator("far"), dtype=torch.float64)
    for offset, said in ((0.0, False), (1e3, False), (1e8, True)):
        codes = Codes(points + offset, torch.full_like(points, 0.1))
        whole, *_ = information(codes, generator(0))
        assert ("from 0" in whole.warning) == said
        near, *_ = information(Codes(points, codes.scale), generator(0))
        assert whole.value == pytest.approx(near.value, abs=1e-5)


@pytest.mark.parametrize("scale", [1e-2, 1e-6, 1e-10])
def test_densities_are_those_of_the_differences_however_narrow(scale):
    codes = Codes(*torch.stack([torch.randn(50, 3).double(), torch.full((50, 3), scale).double()]))
    q, z = sample(codes, generator(0))
    exact = q.log_prob(z[:, None])
    torch.testing.assert_close(densities.log_densities(q, z), exact, rtol=1e-9, atol=1e-6)
    torch.testing.assert_close(densities.log_own(q, z), exact.diagonal(), rtol=1e-9, atol=1e-6)
