"""Priors: every one is drawn from, evaluated, stored and loaded alike; sampling by resampling."""

import inspect
import math
from importlib.util import find_spec

import pytest
import torch

from vmi import priors
from vmi.errors import NotApplicable, UserError
from vmi.models.vae import VAE
from vmi.nets.codes import Codes
from vmi.nets.latents import Latents
from vmi.priors import PRIORS
from vmi.priors.fitting import draw_codes, split
from vmi.priors.langevin import langevin
from vmi.priors.ncp import NoiseContrastive
from vmi.priors.tilted import effective_size
from vmi.random import generator
from vmi.verify.tilts import Known, KnownOdds, clusters

GAUSSIANS = ("mixture", "flow")  # which want a Gaussian block
LATENTS = {
    "Gaussian": Latents(2),
    "one dimension": Latents(1),
    "categorical": Latents(0, (3, 2)),
    "joint": Latents(2, (3,)),
}
QUICK = {"steps": 60, "components": 3, "codes": 30, "hidden": 8, "transforms": 1, "proposals": 20}


def codes_of(latents, n=60):
    noise = generator("codes", n)
    mean = 0.5 + 0.8 * torch.randn(n, latents.gaussian, generator=noise)
    blocks = [torch.randn(n, k, generator=noise).softmax(1) for k in latents.categorical]
    return Codes(mean, torch.full_like(mean, 0.4), tuple(blocks))


def made(name, latents):
    thing, _ = PRIORS.load(name)
    if name == "flow" and not find_spec("zuko"):
        pytest.skip("zuko is not installed")
    known = [name for name, p in inspect.signature(thing).parameters.items() if p.kind == 3]
    return priors.make(latents, {"prior": name, **{k: QUICK[k] for k in known if k in QUICK}})


def fitted(name, latents, *seed):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = VAE((1, 4, 4), latents, "dense-8").eval().requires_grad_(False)
        torch.seed()  # nothing of a fit is left to torch's own generator
        prior = made(name, latents)
    return priors.fit(prior, codes_of(latents), generator("fit", *seed), model)


every = pytest.mark.parametrize(
    ("name", "latents"),
    [
        pytest.param(name, latents, id=f"{name}-{kind}")
        for name in PRIORS
        for kind, latents in LATENTS.items()
        if not (name in GAUSSIANS and kind == "categorical")
    ],
)


@every
def test_a_prior_keeps_its_contract(name, latents, tmp_path):
    prior = fitted(name, latents)
    assert prior.bound in ("exact", "lower") and not prior.training
    assert not any(p.requires_grad for p in prior.parameters())

    z = prior.sample(40, generator("z"))
    assert z.shape == (40, latents.size) and z.dtype == torch.float64
    start = latents.gaussian
    for k in latents.categorical:  # one-hots
        assert set(z[:, start : start + k].unique().tolist()) <= {0.0, 1.0}
        assert (z[:, start : start + k].sum(1) == 1).all()
        start += k
    assert torch.equal(z, prior.sample(40, generator("z")))
    assert not torch.equal(z, prior.sample(40, generator("other")))

    log_p = prior.log_prob(z, generator("p"))
    assert log_p.shape == (40,) and log_p.dtype == torch.float64 and log_p.isfinite().all()
    assert torch.equal(log_p, prior.log_prob(z, generator("p")))
    same = torch.equal(log_p, prior.log_prob(z, generator("other")))
    assert same == (prior.bound == "exact")
    stacked = prior.log_prob(z.expand(3, 40, -1), generator("p"))
    assert stacked.shape == (3, 40)
    if prior.bound == "exact":
        torch.testing.assert_close(stacked[1], log_p, rtol=1e-5, atol=1e-5)

    gain = prior.gain(z, generator("p"))
    standard = latents.prior(z).log_prob(z)
    torch.testing.assert_close(gain, log_p - standard, rtol=1e-5, atol=1e-5)


@every
def test_what_is_stored_is_the_prior(name, latents):
    prior = fitted(name, latents)
    z = prior.sample(20, generator("z"))
    back = made(name, latents).load({k: v.clone() for k, v in prior.state_dict().items()})
    assert torch.equal(back.sample(20, generator("z")), z)
    assert torch.equal(back.log_prob(z, generator(0)), prior.log_prob(z, generator(0)))
    assert (back.convention, back.warning) == (prior.convention, prior.warning)
    with pytest.raises(ValueError, match="not those of such a prior"):
        back.load({"other": torch.zeros(1)})


@every
def test_a_fit_repeats_by_its_generator_and_leaves_torchs_own_alone(name, latents):
    before = torch.random.get_rng_state()
    first, again = fitted(name, latents), fitted(name, latents)
    assert torch.equal(torch.random.get_rng_state(), before)
    for a, b in zip(first.state_dict().values(), again.state_dict().values(), strict=True):
        assert torch.equal(a, b)


@pytest.mark.parametrize("name", PRIORS)
@pytest.mark.parametrize(
    "codes",
    [
        Codes(torch.zeros(4, 2), torch.ones(4, 2), (torch.eye(3)[[0, 1, 2, 0]],)),
        Codes(torch.zeros(40, 2), torch.zeros(40, 2), (torch.eye(3)[torch.zeros(40).long()],)),
    ],
    ids=["few", "points"],
)
def test_codes_that_it_cannot_be_fitted_to_are_refused(name, codes):
    prior = made(name, LATENTS["joint"])
    model = VAE((1, 4, 4), LATENTS["joint"], "dense-8")
    if name == "standard" or (name == "aggregate" and codes.scale.all()):
        priors.fit(prior, codes, generator(0), model)
    elif name == "mixture" and codes.scale.all():
        priors.fit(prior, codes, generator(0), model)  # three Gaussians of four codes
    else:
        with pytest.raises(NotApplicable):
            priors.fit(prior, codes, generator(0), model)


@pytest.mark.parametrize("name", PRIORS)
def test_codes_of_one_value_only_are_fitted_to(name):
    one = Codes(torch.full((40, 2), 0.3), torch.full((40, 2), 0.5), (torch.eye(3)[[1] * 40],))
    model = VAE((1, 4, 4), LATENTS["joint"], "dense-8").eval().requires_grad_(False)
    prior = priors.fit(made(name, LATENTS["joint"]), one, generator(0), model)
    z = prior.sample(30, generator(1))
    assert prior.log_prob(z, generator(2)).isfinite().all()


def test_settings_are_checked_by_name():
    with pytest.raises(UserError, match="did you mean 'proposals'"):
        priors.make(Latents(2), {"prior": "ncp", "proposal": 3})
    with pytest.raises(UserError, match="whole number of at least 1, not 0"):
        priors.make(Latents(2), {"prior": "ncp-0"})
    with pytest.raises(UserError, match="has no 'fit'"):
        priors.make(Latents(2), {"prior": "builtins:repr"})


def test_a_discriminator_that_separates_says_that_its_odds_have_no_bound():
    far = Codes(torch.full((50, 1), 300.0), torch.full((50, 1), 0.1))
    prior = NoiseContrastive(Latents(1), proposals=5, steps=200)
    assert "r has no bound" in priors.fit(prior, far, generator(0), None).warning
    near = Codes(torch.zeros(50, 1), torch.ones(50, 1))
    prior = NoiseContrastive(Latents(1), proposals=5, steps=50)
    assert priors.fit(prior, near, generator(0), None).warning == ""


def test_parts_to_fit_and_to_stop_by_share_no_image():
    codes = Codes(torch.arange(50.0)[:, None], torch.full((50, 1), 1e-3))
    parts = split(codes, generator(0))
    means = [set(q.gaussian.mean.flatten().tolist()) for q in (parts.fit, parts.held)]
    assert [len(m) for m in means] == [40, 10] and not means[0] & means[1]
    z = draw_codes(parts.held, 25, Latents(1), generator(1))
    times = z.round().flatten().unique(return_counts=True)[1]
    assert set(times.tolist()) == {2, 3}  # as evenly as 25 draws of 10 can be


@pytest.mark.parametrize("m", [1, 2, 7, 50])
def test_no_point_wins_more_than_ln_m(m):
    odds = KnownOdds(clusters(1, 20, scale=0.02, apart=4.0), proposals=m)
    z = odds.q.gaussian.mean[:, None].expand(-1, 30, -1)
    gain = odds.gain(z, generator(m))
    assert (gain <= math.log(m) + 1e-12).all()
    assert gain.max() > math.log(m) - 1e-3  # beside a weight of e^50, the others are nothing


def test_samples_of_one_image_share_their_proposals_and_images_do_not():
    odds = KnownOdds(clusters(1, 20), proposals=10)
    z = torch.zeros(4, 6, 1, dtype=torch.float64)
    gain = odds.gain(z, generator(0))
    assert (gain == gain[0]).all() and len(gain[0].unique()) == 6


def test_many_proposals_are_weighed_in_parts(monkeypatch):
    odds = KnownOdds(clusters(1, 20), proposals=10)
    whole = odds.sample(30, generator(0)), odds.gain(torch.zeros(30, 1).double(), generator(0))
    monkeypatch.setattr("vmi.priors.tilted.ROWS", 7)
    parts = odds.sample(30, generator(0)), odds.gain(torch.zeros(30, 1).double(), generator(0))
    assert [p.shape for p in parts] == [w.shape for w in whole]


def test_effective_proposals_are_between_one_and_all():
    log_r = torch.tensor([[0.0, 0.0, 0.0], [100.0, 0.0, 0.0]], dtype=torch.float64)
    assert effective_size(log_r).tolist() == pytest.approx([3, 1])


def test_langevin_moves_categories_alone_where_there_is_nothing_else():
    walked = langevin(Known(torch.tensor([1.0, 3.0]), proposals=1), 10, generator(0), steps=5)
    assert walked.codes.shape == (10, 2) and math.isnan(walked.acceptance)
