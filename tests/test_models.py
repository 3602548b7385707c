"""Every model keeps one contract; the variants meet the VAE where their weights say so."""

import copy
import math
from functools import cache, partial

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn
from toys import small_data

from vmi.errors import UserError
from vmi.models import MODELS, make
from vmi.models.beta_vae import BetaVAE
from vmi.models.info_vae import InfoVAE, mmd
from vmi.models.vae import VAE
from vmi.models.vmi_vae import VMIVAE
from vmi.models.weighted_vae import WeightedVAE
from vmi.nets.batch_statistics import track_population_statistics
from vmi.nets.joint_code import kl_gaussian
from vmi.nets.latents import Latents
from vmi.nets.likelihoods import gaussian
from vmi.nets.networks import Dense, Network
from vmi.random import generator
from vmi.training.engines import Alone
from vmi.training.loop import train

SHAPE = (1, 4, 4)
CODES = {
    "gaussian": {"gaussian": 3, "informed": 2},
    "categorical": {"gaussian": 0, "categorical": [4]},
    "joint": {"gaussian": 2, "categorical": [3, 2], "informed": 1, "hard": True},
    "joint, none informed": {"gaussian": 2, "categorical": [3]},
}
NONE_CHOSEN = {"gaussian, none informed": {"gaussian": 3}, "a suite's own": {}}
X = torch.rand(8, *SHAPE, generator=generator("x"))

models = pytest.mark.parametrize("name", MODELS)
models_and_codes = pytest.mark.parametrize(
    ("name", "code"),
    [
        pytest.param(name, code, id=f"{kind}-{name}")
        for kind, code in CODES.items()
        for name in MODELS
        if not (name == "hierarchical-vae" and kind == "categorical")  # which has no groups
    ],
)


def build(name, code=CODES["gaussian"], network="dense-8", **settings):
    torch.manual_seed(0)
    return make(SHAPE, {"model": name, **settings}, code, network, "bernoulli")


def build_double(name, code, **settings):
    return build(name, code, **settings).double()


def noise_for(model, n=8, repeat=0):
    draw = model.latents.draw_noise
    return {name: draw((n,), generator(name, repeat)) for name in model.noises}


def changed(before, after):
    return {n for n in after if not torch.equal(before[n], after[n])}


# ---------------------------------------------------------------- the contract


@models_and_codes
def test_terms_are_finite_means_in_nats(name, code):
    model = build(name, code)
    for phase in model.phases:
        terms = model(phase, X, noise_for(model), 0)
        assert all(term.shape == () and term.isfinite() for term in terms.values()), terms
    terms = model("objective", X, noise_for(model), 0)
    assert terms["rate"] == terms["rate_gaussian"] + terms["rate_categorical"]
    assert (terms["rate_gaussian"] > 0) == bool(code["gaussian"])
    assert (terms["rate_categorical"] > 0) == ("categorical" in code)


@models_and_codes
def test_a_phase_moves_its_own_parameters_and_only_those(name, code):
    model = build(name, code)
    program = Alone([model], 1e-3)
    noise = {n: e[None] for n, e in noise_for(model).items()}
    claimed = {child for children in model.phases.values() for child in children}
    for phase, children in model.phases.items():
        before = copy.deepcopy(model.state_dict())
        loss = program.terms(phase, X[None], noise, 0)["loss"]
        program.optimisers[phase].minimise(loss.sum())
        moved = changed(before, model.state_dict())
        of_children = {n for n in before if n.partition(".")[0] in children}
        others = {n for n in before if n.partition(".")[0] not in claimed}
        assert moved == (of_children if children else others)


@models_and_codes
def test_saved_weights_give_the_same_outputs(name, code, tmp_path):
    model = build(name, code)
    save_file(model.state_dict(), tmp_path / "weights.safetensors")
    torch.manual_seed(1)
    other = make(SHAPE, {"model": name}, code, "dense-8", "bernoulli")
    assert not torch.equal(other.encoder(X).mean, model.encoder(X).mean)
    other.load_state_dict(load_file(tmp_path / "weights.safetensors"))
    assert torch.equal(other.encoder(X).mean, model.encoder(X).mean)
    z = torch.randn(3, model.latents.size)
    assert torch.equal(other.decoder(z).mean, model.decoder(z).mean)


def test_population_statistics_are_saved_with_the_weights(tmp_path):
    data = small_data()
    (run,) = train(lambda: build("vmi-vae", network="serdega-2").double(), data, [0], steps=3)
    save_file(run.model.state_dict(), tmp_path / "weights.safetensors")
    other = build("vmi-vae", network="serdega-2").double()
    assert track_population_statistics(other)
    other.load_state_dict(load_file(tmp_path / "weights.safetensors"))
    x = data.evaluation.images
    assert torch.equal(other.eval().encoder(x).mean, run.model.encoder(x).mean)
    alone = run.model.encoder(x[:1]).mean
    torch.testing.assert_close(alone, run.model.encoder(x).mean[:1])


def test_loss_of_the_vae_is_the_negative_elbo_by_hand():
    model = build("vae", CODES["joint"])
    noise = noise_for(model)
    terms = model("objective", X, noise, 0)
    q = model.encoder(X)
    z = q.relaxed_sample(noise["posterior"], 1.0, hard=True)
    m, v = q.gaussian.mean, q.gaussian.variance
    rate = ((m**2 + v - 1 - v.log()) / 2).sum(1).mean()
    for c in q.categoricals:
        rate = rate + math.log(c.probs.shape[1]) - c.entropy().mean()
    logits = model.decoder.net(z)
    entropy = nn.functional.binary_cross_entropy_with_logits(logits, X, reduction="none")
    torch.testing.assert_close(terms["rate"], rate)
    torch.testing.assert_close(terms["distortion"], entropy.sum((1, 2, 3)).mean())
    torch.testing.assert_close(terms["loss"], terms["distortion"] + terms["rate"])


def test_the_temperature_follows_the_step():
    code = {"gaussian": 0, "categorical": [4], "temperature": {"period": 1, "rate": 0.1}}
    model = build("vae", code)
    _, z, _ = model.reconstruct(X, noise_for(model)["posterior"], 5)
    q = model.encoder(X)
    torch.testing.assert_close(z, q.relaxed_sample(noise_for(model)["posterior"], math.exp(-0.5)))


@models
@pytest.mark.parametrize("code", [*CODES.values(), *NONE_CHOSEN.values()], ids=str)
def test_every_model_trains_on_every_code_or_says_why_not(name, code):
    if name == "vmi-vae" and code in NONE_CHOSEN.values():
        with pytest.raises(UserError, match="no component is chosen"):
            build(name, code)
        return
    if name == "hierarchical-vae" and code.get("gaussian") == 0:
        with pytest.raises(UserError, match="0 Gaussian dimensions make no 2 groups"):
            build(name, code)
        return
    (run,) = train(partial(build_double, name, code), small_data(), [0], steps=3, batch_size=8)
    assert not run.error
    assert all(parameter.isfinite().all() for parameter in run.model.parameters())


@pytest.mark.parametrize("code", [{"gaussian": 3}, {"gaussian": 2, "categorical": [3]}], ids=str)
def test_a_weighted_vae_without_weights_of_parts_is_the_beta_vae(code):
    """Also where no dimension is informed, and where there is no category."""
    weighted, beta = (build(name, code) for name in ("weighted-vae-4", "beta-vae-4"))
    losses = [m("objective", X, noise_for(m), 0)["loss"] for m in (weighted, beta)]
    torch.testing.assert_close(*losses)


# ---------------------------------------------------------------- made of modules


class Own(Network):
    """Networks of a user's own, which no registry knows."""

    def encoder(self, outputs):
        return nn.Sequential(nn.Flatten(), nn.Linear(16, 5), nn.ELU(), nn.Linear(5, outputs))

    def decoder(self, inputs):
        return nn.Sequential(nn.Linear(inputs, 16), nn.Unflatten(-1, SHAPE))


def seeded(model_type, *parts):
    torch.manual_seed(0)
    return model_type(SHAPE, Latents(2, (3,), informed=1), *parts)


@pytest.mark.parametrize("model_type", [VAE, VMIVAE])
def test_modules_make_the_model_that_their_names_make(model_type):
    named = seeded(model_type, "dense-8", "gaussian-0.5")
    made = seeded(model_type, Dense(SHAPE, hidden=8), partial(gaussian, scale=0.5))
    assert not changed(named.state_dict(), made.state_dict())
    for phase in named.phases:
        terms, others = (m(phase, X, noise_for(m), 0) for m in (named, made))
        assert all(torch.equal(terms[name], others[name]) for name in terms)


@pytest.mark.parametrize("engine", ["loop", "vmap"])
def test_networks_of_ones_own_are_trained(engine):
    def own():
        return seeded(VMIVAE, Own(SHAPE)).double()

    for run in train(own, small_data(), [0, 1], steps=20, engine=engine):
        assert run.engine == engine and not run.error
        assert isinstance(run.model.encoder.net[2], nn.ELU)
        assert changed(own().state_dict(), run.model.state_dict()) == set(run.model.state_dict())


def test_a_network_for_other_images_is_refused():
    with pytest.raises(ValueError, match=r"\(1, 8, 8\), not \(1, 4, 4\)"):
        VAE(SHAPE, Latents(2), Dense((1, 8, 8)))


# ---------------------------------------------------------------- where the variants meet


@cache
def trained(model_type, code, settings=()):
    """The weights after steps enough to cross a block of noise."""

    def build():
        return model_type(SHAPE, code, "dense-8", "gaussian", **dict(settings)).double()

    (run,) = train(build, small_data(), [0], steps=60, batch_size=8)
    assert not run.error
    return run.model.state_dict()


MEETING = [
    (BetaVAE, {"beta": 1}),
    (WeightedVAE, {}),
    (InfoVAE, {"alpha": 0, "lambda_": 1}),
    (VMIVAE, {"categorical_weight": 0, "gaussian_weight": 0}),
    (VMIVAE, {"categorical_weight": 0, "gaussian_weight": 0, "q_sees": "both"}),
]


@pytest.mark.parametrize(
    "code", [Latents(3, informed=2), Latents(2, (3,), informed=1)], ids=["gaussian", "joint"]
)
@pytest.mark.parametrize(("model", "settings"), MEETING)
def test_neutral_weights_train_the_vae_bit_for_bit(model, settings, code):
    vae, other = trained(VAE, code), trained(model, code, tuple(settings.items()))
    assert not changed(vae, {name: other[name] for name in vae})


@pytest.mark.parametrize(
    ("model", "settings"),
    [
        (BetaVAE, {}),
        (WeightedVAE, {"beta": 0.5}),
        (InfoVAE, {}),
        (VMIVAE, {}),
        (VMIVAE, {"categorical_weight": 0}),
    ],
    ids=str,
)
def test_other_weights_do_not(model, settings):
    code = Latents(2, (3,), informed=1)
    vae, other = trained(VAE, code), trained(model, code, tuple(settings.items()))
    assert changed(vae, {name: other[name] for name in vae}) == set(vae)


def test_each_part_of_the_rate_may_have_a_weight_of_its_own():
    code = {"gaussian": 3, "categorical": [4], "informed": 2}
    weights = {"categorical_beta": -1.0, "informed_beta": 0.9}
    model = build("weighted-vae-0.5", code, **weights)
    terms, q = model("objective", X, noise_for(model), 0), model.encoder(X)
    mean, variance = q.gaussian.mean, q.gaussian.variance
    rates = ((mean**2 + variance - variance.log() - 1) / 2).mean(0)  # KL to N(0, 1), by dimension
    rate = 0.9 * rates[:2].sum() + 0.5 * rates[2] - terms["rate_categorical"]
    torch.testing.assert_close(terms["loss"], terms["distortion"] + rate)


@pytest.mark.parametrize("weights", [(1.0, -1, 0.9), (0.5, 0, None), (4.0, None, 0.3)])
def test_a_weighted_vae_has_the_loss_that_the_beta_vae_had_bit_for_bit(weights):
    """The paper's controls were beta-VAEs with two more settings."""
    beta, categorical, informed = weights
    settings = {"categorical_beta": categorical, "informed_beta": informed}
    code = {"gaussian": 3, "categorical": [4], "informed": 2}
    model = build(f"weighted-vae-{beta:g}", code, **settings)
    terms, q = model("objective", X, noise_for(model), 0), model.encoder(X)
    chosen = q.leading(2)
    rate_informed = kl_gaussian(chosen, model.latents.chosen.prior(chosen.mean)).mean()
    categorical, informed = (beta if w is None else w for w in (categorical, informed))
    loss = terms["distortion"] + beta * terms["rate"]
    loss = loss + (categorical - beta) * terms["rate_categorical"]
    loss = loss + (informed - beta) * rate_informed
    assert torch.equal(terms["loss"], loss)


def test_vmi_vae_of_no_weight_is_the_vae_bit_for_bit():
    """Its Q only watches, so that it stands for the VAE where the bound is plotted."""
    code = {"gaussian": 2, "categorical": [3], "informed": 1}
    about = {"vmi-vae-0": {"gaussian_weight": 0}, "vae": {}}
    runs = []
    for name, settings in about.items():
        make_model = partial(build_double, name, code, **settings)
        runs += train(make_model, small_data(), [3], steps=60, batch_size=8)
    watched, plain = (run.model.state_dict() for run in runs)
    assert all(torch.equal(watched[name], tensor) for name, tensor in plain.items())
    assert {"missing_categorical", "entropy_categorical"} <= {
        term for _, term, _ in runs[0].history
    }


@pytest.mark.parametrize(
    ("q_sees", "share"), [("reconstructions", 0.0), ("both", 0.5), ("prior", 1.0)]
)
def test_the_entropy_is_that_of_the_categories_that_q_sees(q_sees, share):
    model = build("vmi-vae", {"gaussian": 1, "categorical": [3]}, q_sees=q_sees)
    p = (1 - share) * model.encoder(X).categoricals[0].probs.mean(0) + share / 3
    terms = model("objective", X, noise_for(model), 0)
    torch.testing.assert_close(terms["entropy_categorical"], -(p * p.log()).sum())


@pytest.mark.parametrize("beta", [0, 0.5, 4])
def test_beta_weighs_the_rate(beta):
    model = build(f"beta-vae-{beta}")
    terms = model("objective", X, noise_for(model), 0)
    torch.testing.assert_close(terms["loss"], terms["distortion"] + beta * terms["rate"])


def test_info_vae_weighs_rate_and_discrepancy():
    model = build("info-vae", alpha=0.25, lambda_=10)
    terms = model("objective", X, noise_for(model), 0)
    expected = terms["distortion"] + 0.75 * terms["rate"] + 9.25 * terms["mmd"]
    torch.testing.assert_close(terms["loss"], expected)


@pytest.mark.parametrize(
    ("name", "settings", "reason"),
    [
        ("beta-vae", {"beta": -1}, "negative"),
        ("weighted-vae", {"informed_beta": -1}, "informed_beta=-1"),
        ("weighted-vae", {"categorical_beta": math.nan}, "categorical_beta=nan"),
        ("weighted-vae", {"categorical_beta": "none"}, "real number"),
        ("weighted-vae", {"categorical_beta": 0.0}, "weigh nothing of this code"),
        ("weighted-vae", {"latents": {}, "informed_beta": 0.5}, "weigh nothing of this code"),
        ("info-vae", {"kernel": "normal"}, "imq"),
        ("info-vae", {"bandwidth": 0.0}, "above 0"),
        ("beta-vae", {"beta": math.nan}, "finite"),
        ("info-vae", {"alpha": 0.0, "lambda_": 0.001}, "MMD the negative weight -0.999"),
        ("info-vae", {"alpha": 1.5}, "rate the negative weight"),
        ("vmi-vae", {"categorical_weight": -0.1}, "negative"),
        ("vmi-vae", {"gaussian_weight": -0.1}, "negative"),
        ("vmi-vae", {"q_sees": "reconstruction"}, "reconstructions"),
        ("vmi-vae", {"latents": {"gaussian": 3}}, "no component is chosen"),
        ("hierarchical-vae-1", {}, "3 Gaussian dimensions make no 1 groups"),
        ("hierarchical-vae-4", {}, "3 Gaussian dimensions make no 4 groups"),
        ("vae", {"beta": 1}, "unknown setting"),
        ("vae", {"latents": {"gausian": 3}}, "gausian"),
    ],
    ids=str,
)
def test_wrong_settings_are_refused(name, settings, reason):
    code = settings.pop("latents", CODES["gaussian"])
    with pytest.raises(UserError, match=reason):
        build(name, code, **settings)


# ---------------------------------------------------------------- a hierarchy


def test_groups_are_as_even_as_can_be_and_the_last_has_the_categories():
    model = build("hierarchical-vae-3", {"gaussian": 7, "categorical": [3]})
    assert model.latents.groups == (2, 2, 3) and model.latents.ends == (2, 4, 10)
    with pytest.raises(ValueError, match="are not 3 dimensions"):
        Latents(3, groups=(1, 1))


def test_the_code_in_units_of_the_prior_is_the_hierarchy_one_for_one():
    """log N(e; 0, I) - log |det dz/de| is the sum of log p(z_k | z_<k), and units come back."""
    model = build_double("hierarchical-vae-3", {"gaussian": 5, "categorical": [3]})
    down, e = model.decoder.net[0], torch.randn(8, dtype=torch.float64, generator=generator("e"))
    z, slope = down(e), torch.autograd.functional.jacobian(down, e)
    assert torch.equal(z[5:], e[5:])
    expected = model.latents.prior(e).gaussian.log_prob(e[:5]) - slope[:5, :5].logdet()
    total = torch.distributions.Normal(0.0, 1.0).log_prob(z[:1]).sum()
    for k, (start, end) in enumerate([(1, 3), (3, 5)], start=1):
        p = down.conditional(z[:start], k)
        total = total + p.log_prob(z[start:end])
        torch.testing.assert_close((z[start:end] - p.mean) / p.stddev, e[start:end])
    torch.testing.assert_close(total, expected)
    assert (slope[:5, :5].triu(1) == 0).all()  # a group is made from those above it alone


def test_a_hierarchy_learns_the_maps_between_its_groups():
    make_model = partial(build_double, "hierarchical-vae-2", CODES["gaussian"])
    (run,) = train(make_model, small_data(), [0], steps=5, batch_size=8)
    before, after = make_model().state_dict(), run.model.state_dict()
    assert {n for n in before if "maps" in n} <= changed(before, after)


# ---------------------------------------------------------------- maximum mean discrepancy


def test_mmd_is_the_double_loop():
    x, y = (torch.randn(n, 3, generator=generator(n)).double() for n in (6, 9))

    def kernel(a, b):
        return math.exp(-float((a - b).square().sum()) / 9)

    within = [
        sum(kernel(a, b) for i, a in enumerate(s) for j, b in enumerate(s) if i != j)
        / (len(s) * (len(s) - 1))
        for s in (x, y)
    ]
    between = sum(kernel(a, b) for a in x for b in y) / 54
    assert mmd(x, y).item() == pytest.approx(sum(within) - 2 * between)


def test_mmd_has_the_inverse_multiquadric_and_a_bandwidth_by_name():
    """Two points at a distance of 2, in one dimension: h is 1 and 2 by default."""
    x, y = torch.zeros(2, 1).double(), torch.full((2, 1), 2.0).double()
    for settings, apart in (
        ({}, math.exp(-4)),
        ({"bandwidth": 8.0}, math.exp(-0.5)),
        ({"kernel": "imq"}, 2 / 6),
        ({"kernel": "imq", "bandwidth": 4.0}, 0.5),
    ):
        assert mmd(x, y, **settings).item() == pytest.approx(2 - 2 * apart)


def test_info_vae_has_the_kernel_it_is_told():
    losses = {
        kernel: build("info-vae", kernel=kernel, bandwidth=3.0) for kernel in ("gaussian", "imq")
    }
    found = {k: m("objective", X, noise_for(m), 0)["mmd"] for k, m in losses.items()}
    assert found["gaussian"] != found["imq"]


def test_mmd_is_unbiased_and_sees_a_shift():
    """In one dimension E k(a, b) of normals with difference N(d, 2) is exp(-d^2 / 5) / sqrt(5)."""
    x, y = torch.randn(2, 2000, 10, 1, generator=generator("mmd")).double()
    for shift in (0.0, 1.0):
        values = torch.vmap(mmd)(x, y + shift)
        truth = 2 / 5**0.5 * (1 - math.exp(-(shift**2) / 5))
        stderr = values.std().item() / 2000**0.5
        assert values.mean().item() == pytest.approx(truth, abs=4 * stderr)
    assert mmd(x[0], y[0]) != 0  # a single one is off, either way


@pytest.mark.parametrize("hard", [False, True])
def test_mmd_vanishes_where_the_encoder_is_the_prior(hard):
    model = InfoVAE(SHAPE, Latents(0, (4,), hard=hard), "linear", "gaussian")
    for parameter in model.encoder.parameters():
        nn.init.zeros_(parameter)
    x = X[:1].expand(500, -1, -1, -1)
    with torch.no_grad():
        values = torch.stack(
            [model("objective", x, noise_for(model, 500, i), 0)["mmd"] for i in range(50)]
        )
    assert values.mean().item() == pytest.approx(0, abs=4 * values.std().item() / 50**0.5)


# ---------------------------------------------------------------- what Q sees and misses


class Spy(nn.Module):
    """Stands for Q: notes how many images it is shown, and answers the same for each."""

    def __init__(self, latents, outputs):
        super().__init__()
        self.latents, self.outputs, self.seen = latents, nn.Parameter(outputs), []

    def forward(self, x):
        self.seen.append(len(x))
        return self.latents.distribution(self.outputs.expand(len(x), -1))


def spied(code, answers, **settings):
    model = VMIVAE(SHAPE, code, "dense-8", "bernoulli", **settings)
    model.q = Spy(code.chosen, torch.tensor(answers))
    return model


@pytest.mark.parametrize(
    ("q_sees", "code", "images"),
    [
        ("reconstructions", Latents(2, informed=1), 8),
        ("prior", Latents(2, informed=1), 8),
        ("both", Latents(2, informed=1), 16),
        ("auto", Latents(2, informed=1), 16),
        ("auto", Latents(2, (3,), informed=1), 8),
        ("both", Latents(0, (3,)), 16),
    ],
)
def test_q_sees_as_many_images_as_it_is_told_to(q_sees, code, images):
    model = spied(code, [0.0] * code.chosen.outputs, q_sees=q_sees)
    for phase in model.phases:
        model(phase, X, noise_for(model), 0)
    assert model.q.seen == [images, images]


@pytest.mark.parametrize("q_sees", ["reconstructions", "prior", "both"])
def test_q_sees_each_image_with_its_own_code(q_sees):
    model = build("vmi-vae", CODES["joint"], q_sees=q_sees)
    _, z, p = model.reconstruct(X, noise_for(model)["posterior"], 0)
    codes, images = model.pairs_for_q(z, p.mean, noise_for(model)["prior"], 0)
    torch.testing.assert_close(model.decoder(codes).mean, images)


def test_missing_terms_by_hand():
    """Q always says z_1 ~ N(1, 2^2) and c = (1/2, 1/4, 1/4)."""
    code, answers = Latents(2, (3,), informed=1), [1.0, math.log(4), math.log(2), 0.0, 0.0]
    model = spied(code, answers, categorical_weight=3.0, gaussian_weight=0.5)
    noise = noise_for(model)
    terms = model("objective", X, noise, 0)
    _, z, _ = model.reconstruct(X, noise["posterior"], 0)
    gaussian = ((z[:, 0] - 1) ** 2 / 8 + math.log(2) + math.log(2 * math.pi) / 2).mean()
    categorical = -(z[:, 2:] @ torch.tensor([0.5, 0.25, 0.25]).log()).mean()
    torch.testing.assert_close(terms["missing_gaussian"], gaussian)
    torch.testing.assert_close(terms["missing_categorical"], categorical)
    elbo = terms["distortion"] + terms["rate"]
    torch.testing.assert_close(terms["loss"], elbo + 3 * categorical + 0.5 * gaussian)


def test_missing_terms_of_prior_draws_are_those_of_the_prior():
    """Q that answers the prior misses the prior's entropies: ln 4 and .5 ln(2 pi e)."""
    model = spied(Latents(1, (4,), informed=1, hard=True), [0.0] * 6, q_sees="prior")
    x = X[:1].expand(4000, -1, -1, -1)
    terms = model("objective", x, noise_for(model, 4000), 0)
    assert terms["missing_categorical"].item() == pytest.approx(math.log(4), abs=1e-5)
    entropy = 0.5 * math.log(2 * math.pi * math.e)
    assert terms["missing_gaussian"].item() == pytest.approx(entropy, abs=0.05)


def test_loss_of_q_is_unweighted_and_of_its_own_noise():
    model = build("vmi-vae", CODES["joint"], categorical_weight=7.0, gaussian_weight=9.0)
    noise = noise_for(model)
    swapped = noise | {"posterior": noise["q-posterior"], "prior": noise["q-prior"]}
    terms, loss = model("objective", X, swapped, 0), model("q_objective", X, noise, 0)["loss"]
    torch.testing.assert_close(loss, terms["missing_categorical"] + terms["missing_gaussian"])
    assert loss != model("q_objective", X, swapped | {"q-posterior": noise["posterior"]}, 0)["loss"]


def test_phase_of_q_gives_the_vae_no_gradient():
    model = build("vmi-vae", CODES["joint"])
    model("q_objective", X, noise_for(model), 0)["loss"].backward()
    assert {n.partition(".")[0] for n, p in model.named_parameters() if p.grad is not None} == {"q"}
