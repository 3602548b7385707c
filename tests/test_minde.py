"""Denoisers held against Gaussians, for which the integral is known."""

import math

import pytest
import torch

from vmi.errors import NotApplicable
from vmi.mi import minde as module
from vmi.mi.minde import minde
from vmi.mi.stacks import Side, estimate_each
from vmi.random import generator


def gaussian(n: int, rho: float, pairs: int, seed: int = 0):
    x, noise = torch.randn(2, n, pairs, generator=generator("pairs", n, rho, pairs, seed))
    return x, rho * x + math.sqrt(1 - rho**2) * noise, -pairs * math.log(1 - rho**2) / 2


def each(pairs, **settings):
    generators = [generator("estimator", i) for i in range(len(pairs))]
    return estimate_each(minde, pairs, generators, settings)


@pytest.fixture
def both(monkeypatch):
    """Estimates of a stack in either form, of one training: the form only reads what was fitted.

    For each form: the mean over the problems, its standard error, and the least.
    """
    terms = module.Denoisers.terms

    def both(pairs, **settings):
        seen = []
        with monkeypatch.context() as patch:
            patch.setattr(
                module.Denoisers, "terms", lambda *given: seen.append(terms(*given)) or seen[-1]
            )
            made = each(pairs, **settings)
        (found,) = seen  # (2, S, N)
        form = list(module.FORMS).index(settings.get("form", "held-out"))
        assert [m.value for m in made] == pytest.approx(found[form].mean(1).tolist())
        errors = found.std(2) / math.sqrt(found.shape[2])
        stderr = (errors.mean(1) / math.sqrt(len(pairs))).tolist()
        values = found.mean(2)
        numbers = zip(values.mean(1).tolist(), stderr, values.amin(1).tolist(), strict=True)
        return dict(zip(module.FORMS, numbers, strict=True))

    return both


def exact(rho: float, bias: float = 0.0):
    """What is left without y, and what y tells of it, for normal pairs; with y it errs by bias."""

    def split(x, y, noise, snr):
        alpha, sigma = snr.sigmoid().sqrt(), (-snr).sigmoid().sqrt()
        noisy = alpha * x + sigma * noise
        alone = sigma * noisy
        given = sigma * (noisy - alpha * rho * y) / (alpha**2 * (1 - rho**2) + sigma**2)
        return noise - alone, given - alone + bias

    return split


def terms(form: str, split, x, y, monkeypatch):
    side = Side(x[None], x[None], x[None])
    denoisers = module.Denoisers(side, side, [generator("exact")], 8)
    monkeypatch.setattr(denoisers, "split", split)
    found = denoisers.terms(x[None], y[None], [generator("noise")])
    return found[list(module.FORMS).index(form)]


@pytest.mark.parametrize("form", module.FORMS)
@pytest.mark.parametrize("rho", [0.5, 0.9])
def test_the_exact_denoisers_give_the_information(rho, form, monkeypatch):
    x, y, truth = gaussian(4000, rho, 2)
    found = terms(form, exact(rho), x, y, monkeypatch)
    error = float(found.std()) / math.sqrt(found.numel())
    # Below -6 lie at most e^-6 / 2 nats a column.
    assert float(found.mean()) == pytest.approx(truth, abs=4 * error + 2 * math.exp(-6) / 2)


def test_an_error_with_y_adds_to_the_squared_form_and_takes_from_the_other(monkeypatch):
    x, y, _ = gaussian(4000, 0.0, 2)
    owed = 18 / 2 * 2 * 0.1**2  # the integral's length, halved, of two columns' squared error
    squared = terms("squared", exact(0.0, 0.1), x, y, monkeypatch)
    assert float(squared.mean()) == pytest.approx(owed, rel=1e-5)
    held = terms("held-out", exact(0.0, 0.1), x, y, monkeypatch)
    error = float(held.std()) / math.sqrt(held.numel())
    assert float(held.mean()) == pytest.approx(-owed, abs=4 * error)


def test_a_network_that_has_learnt_nothing_says_nothing():
    x, y, _ = gaussian(100, 0.9, 2)
    sides = [Side(t[None], t[None], t[None]) for t in (x, y)]
    denoisers = module.Denoisers(*sides, [generator("new")], 8)
    noise = torch.randn(1, 100, 2, generator=generator("noise"))
    snr = torch.linspace(module.NOISIEST, module.CLEAREST, 100)[None, :, None]
    left, gain = denoisers.split(x[None], y[None], noise, snr)
    noisy = snr.sigmoid().sqrt() * x + (-snr).sigmoid().sqrt() * noise
    torch.testing.assert_close(left, noise - (-snr).sigmoid().sqrt() * noisy)
    assert bool((gain == 0).all())


def test_normal_pairs_are_found_held_out_too(both):
    problems = [gaussian(2000, 0.9, 1, seed) for seed in range(3)]
    for value, error, _ in both([p[:2] for p in problems], steps=300).values():
        assert value == pytest.approx(problems[0][2], abs=3 * error + 0.1)


def test_independent_data_have_no_information_held_out_and_the_square_is_not_negative(both):
    found = both([gaussian(2000, 0.0, 5, seed)[:2] for seed in range(3)])
    for value, error, _ in found.values():
        assert abs(value) < 3 * error + 0.02
    assert found["squared"][2] >= 0


def test_few_columns_among_many_are_found(both):
    """Two of 25: a network that overfits them is worse than none, or dies at the first look."""
    problems = []
    for seed in range(2):
        (x, y, truth), noise = gaussian(2000, 0.8, 2, seed), generator("noise", seed)
        pads = torch.randn(2, 2000, 23, generator=noise)
        problems.append(tuple(torch.cat(pair, 1) for pair in zip((x, y), pads, strict=True)))
    found = both(problems)
    for form, least in (("squared", 0.5), ("held-out", 0.25)):
        assert least < found[form][0] < truth + 0.5


@pytest.mark.parametrize("form", module.FORMS)
def test_the_form_says_which_of_both_is_reported(form, both):
    pairs = [gaussian(200, 0.9, 1)[:2]]
    (made,) = each(pairs, steps=25, form=form)
    assert made.value == pytest.approx(both(pairs, steps=25)[form][0], rel=1e-6)
    assert form in made.convention


def test_forms_that_disagree_say_to_beware(monkeypatch):
    def warning(squared, held):
        terms = torch.tensor([squared, held], dtype=torch.float64).view(2, 1, 1).expand(2, 1, 4)
        monkeypatch.setattr(module.Denoisers, "terms", lambda *_: terms)
        return each([gaussian(20, 0.5, 1)[:2]], steps=1)[0].warning

    assert warning(1.0, 0.6) == warning(0.01, -0.01) == ""
    assert warning(18.9, 58.2).startswith("18.90 nats squared, but 58.20 held-out")
    assert warning(1.9, -0.7).startswith("1.90 nats squared")


def test_an_unknown_form_does_not_apply():
    with pytest.raises(NotApplicable, match="the form 'cubed' is none of squared, held-out"):
        each([gaussian(50, 0.5, 1)[:2]], form="cubed")


def test_the_same_generator_gives_the_same_number():
    pair = gaussian(300, 0.9, 2)[:2]
    first, second, other = (
        minde(*pair, generator("estimator", name), steps=50).value for name in ("a", "a", "b")
    )
    assert first == second != other


def test_a_problem_is_estimated_alone_as_in_a_stack():
    pairs = [gaussian(300, rho, 2)[:2] for rho in (0.3, 0.6, 0.9)]
    together = each(pairs, steps=50, width=32)
    alone = minde(*pairs[1], generator("estimator", 1), steps=50, width=32)
    assert alone.value == pytest.approx(together[1].value, abs=1e-3)
    assert alone.bound == "" and math.isnan(alone.ceiling) and alone.n == 60


def test_levels_of_noise_share_one_weight():
    snr = torch.linspace(module.NOISIEST, module.CLEAREST, 50)[None, :, None]
    weights = module.hat_weights(snr)
    torch.testing.assert_close(weights.sum(-1), torch.ones(1, 50))
    assert bool((weights >= 0).all())


def test_pairs_of_too_many_columns_are_refused_before_anything_is_fitted(monkeypatch):
    monkeypatch.setattr(module, "fit", lambda *_, **__: pytest.fail("it was fitted"))
    wide = torch.randn(2, 60, 1024, generator=generator("wide"))
    with pytest.raises(NotApplicable, match="1024 and 1024 columns ask for 17 million"):
        each([tuple(wide)])


def classes(n=200):
    labels = torch.arange(n) % 3
    return labels, 4 * labels + torch.randn(n, generator=generator("of classes"))


def test_only_what_has_a_density_is_diffused():
    labels, y = classes()
    for x in (labels, labels.double(), torch.eye(3)[labels], y.clamp_min(4)):
        made = each([(x, y)], steps=2)[0]
        assert "y given x" in made.convention
        assert "x given y" in each([(y, x)], steps=2)[0].convention


def test_of_two_sides_without_density_neither_is_diffused():
    labels, y = classes()
    for other in (labels, y.clamp_min(4)):
        with pytest.raises(NotApplicable, match="neither side can be diffused"):
            each([(labels, other)], steps=2)


def test_a_network_that_goes_on_learning_without_y_is_told(monkeypatch):
    x, y, _ = gaussian(200, 0.5, 1)
    monkeypatch.setattr(module, "UNLEARNT", -1.0)
    assert "still to learn without y" in each([(x, y)], steps=2)[0].warning


def test_the_standard_error_holds_the_difference_of_the_forms(monkeypatch):
    terms = torch.tensor([1.0, 0.6]).double().view(2, 1, 1).expand(2, 1, 4)
    monkeypatch.setattr(module.Denoisers, "terms", lambda *_: terms)
    assert each([gaussian(20, 0.5, 1)[:2]], steps=1)[0].stderr == pytest.approx(0.4)
