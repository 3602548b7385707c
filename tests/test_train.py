"""The training loop: a seed's run is its own, in either engine, whatever becomes of the others."""

import math
from functools import cache
from typing import ClassVar

import pytest
import torch
from torch import nn
from toys import Toy, small_data

from vmi.data.dataset import from_arrays
from vmi.models.info_vae import InfoVAE
from vmi.models.vae import VAE
from vmi.models.vmi_vae import VMIVAE
from vmi.nets.latents import Latents
from vmi.random import derive
from vmi.training import history
from vmi.training.engines import Alone, Stacked, choose_engine
from vmi.training.loop import train
from vmi.training.stream import BLOCK

DATA = small_data(side=8)
STEPS = BLOCK + 10  # enough to cross a block
CODE = Latents(2, (3,), informed=1)

engines = pytest.mark.parametrize("engine", ["loop", "vmap"])


def runs(make_model, seeds, data=DATA, **settings):
    settings = {"steps": STEPS, "batch_size": 8} | settings
    return {run.seed: run for run in train(make_model, data, seeds, **settings)}


def build(model=VMIVAE, network="dense-8", **settings):
    return lambda: model((1, 8, 8), CODE, network, "gaussian", **settings).double()


@cache
def cohort(model, seeds, engine, steps=STEPS):
    """Runs of a toy, or of the VMI-VAE of `build`, trained once for all who look at them."""
    return runs(build() if model is VMIVAE else model, seeds, steps=steps, engine=engine)


def same(a, b, **tolerance):
    """Whether two runs ended in the same state with the same history, exactly or nearly."""
    close = {"rtol": 0, "atol": 0} | tolerance
    torch.testing.assert_close(a.model.state_dict(), b.model.state_dict(), **close)
    assert [row[:2] for row in a.history] == [row[:2] for row in b.history]
    values = [torch.tensor([row[2] for row in run.history]) for run in (a, b)]
    torch.testing.assert_close(*values, **close)
    assert (a.steps, a.error) == (b.steps, b.error)
    return True


NEARLY = {"rtol": 1e-8, "atol": 1e-10}


# ---------------------------------------------------------------- a seed's run is its own


def test_seed_3_alone_is_seed_3_among_three_bit_for_bit_in_the_loop():
    alone, among = (cohort(VMIVAE, seeds, "loop") for seeds in ((3,), (0, 3, 1)))
    assert list(among) == [0, 3, 1]
    assert same(alone[3], among[3])


def test_seed_3_alone_is_seed_3_among_five_in_the_vectorised_engine():
    alone, among = (cohort(VMIVAE, seeds, "vmap") for seeds in ((3,), (0, 1, 2, 3, 4)))
    assert {run.engine for run in among.values()} == {"vmap"}
    assert same(alone[3], among[3], **NEARLY)


@pytest.mark.parametrize(
    ("model", "network"),
    [(VAE, "dense-8"), (VMIVAE, "conv-2"), (InfoVAE, "linear"), (VMIVAE, "serdega-2")],
)
def test_both_engines_agree(model, network):
    make_model = build(model, network)
    loop, vmap = (runs(make_model, [0, 1], engine=engine) for engine in ("loop", "vmap"))
    assert (loop[1].engine, vmap[1].engine) == ("loop", "vmap")
    # a bias before a norm has no gradient but rounding noise, which Adam makes much of
    assert same(loop[0], vmap[0], rtol=0, atol=1e-7)
    assert same(loop[1], vmap[1], rtol=0, atol=1e-7)


def test_both_engines_fix_the_same_population_statistics():
    loop, vmap = (runs(build(VAE, "serdega-2"), [4], engine=e)[4] for e in ("loop", "vmap"))
    norms = [name for name in loop.model.state_dict() if name.endswith("running_var")]
    assert len(norms) == 5
    for name in norms:
        a, b = loop.model.state_dict()[name], vmap.model.state_dict()[name]
        torch.testing.assert_close(a, b, **NEARLY)
        assert (a != 1).all()
    assert not loop.model.training


@engines
def test_the_same_seed_twice_is_the_same_bits_whatever_ran_before(engine):
    once = cohort(VMIVAE, (1, 2), engine)
    torch.manual_seed(123)
    torch.rand(7)
    state = torch.get_rng_state()
    twice = runs(build(), [1, 2], engine=engine)
    assert torch.equal(torch.get_rng_state(), state)  # and it leaves the global stream alone
    assert same(once[1], twice[1])
    assert same(once[2], twice[2])
    a, b = (once[seed].model.state_dict() for seed in (1, 2))
    assert not any(torch.equal(a[name], b[name]) for name in a)  # and other seeds are other runs


@engines
def test_more_steps_begin_with_the_same_ones(engine):
    short, long = (runs(build(), [0], steps=n * BLOCK, engine=engine)[0] for n in (1, 2))
    assert short.history == long.history[: len(short.history)]
    assert len(long.history) == 2 * len(short.history)


class Recorder(Toy):
    """Keeps what it is shown, and the noise it is given."""

    def forward(self, phase, x, noise, step):
        vars(self).setdefault("shown", []).append((x, noise["posterior"]))
        return super().forward(phase, x, noise, step)


def test_order_and_noise_do_not_depend_on_the_cohort():
    alone, among = runs(Recorder, [3], engine="loop"), runs(Recorder, [1, 3, 0], engine="loop")
    assert len(alone[3].model.shown) == STEPS
    for (x, noise), (y, other) in zip(alone[3].model.shown, among[3].model.shown, strict=True):
        assert torch.equal(x, y)
        assert torch.equal(noise, other)
    for a, b in zip(among[3].model.shown[0], among[1].model.shown[0], strict=True):
        assert not torch.equal(a, b)


def test_an_epoch_shows_every_image_once_and_drops_the_rest():
    shown = [x for x, _ in runs(Recorder, [0], engine="loop", batch_size=30)[0].model.shown]
    epochs = [torch.cat(shown[i : i + 2]).flatten(1).unique(dim=0) for i in (0, 2, 4)]
    assert [len(epoch) for epoch in epochs] == [60, 60, 60]  # of 80 images, 30 at a time
    everything = {tuple(image.tolist()) for x in shown for image in x.flatten(1)}
    assert everything == {tuple(image.tolist()) for image in DATA.train.images.flatten(1)}


def test_dynamic_bits_are_drawn_anew_and_static_ones_are_not():
    shown = {}
    for binarisation in ("dynamic", "static"):
        data = small_data(10, binarisation=binarisation)
        run = runs(Recorder, [0], data, engine="loop", steps=20)[0]
        images = torch.cat([x for x, _ in run.model.shown]).flatten(1)
        assert set(images.unique().tolist()) == {0, 1}
        shown[binarisation] = len(images.unique(dim=0))
    assert shown["static"] <= 8 < 100 < shown["dynamic"]


def test_dynamic_bits_are_each_seeds_own():
    grey = from_arrays("grey", torch.full((50, 1, 4, 4), 0.5), binarisation="dynamic")
    two = runs(Recorder, [0, 1], grey, engine="loop", steps=1)
    assert not torch.equal(two[0].model.shown[0][0], two[1].model.shown[0][0])


def test_dynamic_bits_have_their_pixels_means():
    data = small_data(10, binarisation="dynamic")
    shown = runs(Recorder, [0], data, engine="loop", steps=1000)[0].model.shown
    bits, pixels = torch.cat([x for x, _ in shown]).mean(0), data.train.images.mean(0)
    assert (bits - pixels).abs().max() < 4 * 0.5 / 8000**0.5


def test_a_batch_is_never_larger_than_the_data():
    run = runs(Recorder, [0], engine="loop", batch_size=1000, steps=2)[0]
    assert len(run.model.shown[0][0]) == 80


# ---------------------------------------------------------------- divergence

SICK_AT = BLOCK + 7


def sick(toy, step):
    """Not a number from a step on, for the seeds whose first weight says so."""
    broken = (toy.sign > 0) & (torch.tensor(step) >= SICK_AT)
    return torch.where(broken, math.nan, 0.0)


class Sick(Toy):
    """About half of the seeds are sick; the sign is a parameter that no gradient moves."""

    def __init__(self):
        super().__init__(sick)
        self.sign = nn.Parameter(torch.randn((), dtype=torch.float64))


@engines
def test_a_diverging_seed_stops_and_the_others_go_on(engine):
    seeds = range(6)
    all_runs = cohort(Sick, tuple(seeds), engine, 2 * BLOCK)
    ill = [seed for seed in seeds if all_runs[seed].model.sign > 0]
    assert 0 < len(ill) < 6
    for seed, run in all_runs.items():
        assert all(t.isfinite().all() for t in run.model.state_dict().values())
        if seed in ill:
            assert run.steps == SICK_AT
            assert str(SICK_AT) in run.error
            assert [row[0] for row in run.history] == [BLOCK]
        else:
            assert (run.steps, run.error) == (2 * BLOCK, "")
            assert same(run, cohort(Sick, (seed,), engine, 2 * BLOCK)[seed], **NEARLY)


def test_a_diverging_seed_leaves_the_others_bits_alone_in_the_loop():
    together = cohort(Sick, tuple(range(6)), "loop", 2 * BLOCK)
    for seed, run in together.items():
        assert same(run, cohort(Sick, (seed,), "loop", 2 * BLOCK)[seed])


@engines
def test_a_diverged_run_keeps_the_state_from_before_its_last_block(engine):
    diverged, healthy = (cohort(Sick, tuple(range(6)), engine, n * BLOCK) for n in (2, 1))
    for seed, run in diverged.items():
        if run.error:
            torch.testing.assert_close(run.model.state_dict(), healthy[seed].model.state_dict())


class SecondPhase(Sick):
    """Well in its first phase, sick in its second."""

    phases: ClassVar = {"objective": (), "other": ("sign",)}

    def forward(self, phase, x, noise, step):
        terms = super().forward(phase, x, noise, 0 if phase == "objective" else step)
        return {"loss": terms["loss"] + 0 * self.sign}


@engines
def test_a_seed_that_diverges_in_its_second_phase_stops_too(engine):
    made = runs(SecondPhase, range(6), engine=engine).values()
    errors = {bool(run.model.sign > 0): run.error for run in made}
    assert str(SICK_AT) in errors[True]
    assert errors[False] == ""


@engines
@pytest.mark.parametrize("model", [VAE, VMIVAE])
def test_an_absurd_learning_rate_ends_in_an_error_and_not_in_nan(engine, model):
    for run in runs(build(model), [0, 1], learning_rate=1e200, engine=engine).values():
        assert "diverged" in run.error
        assert run.steps < STEPS
        assert all(t.isfinite().all() for t in run.model.state_dict().values())
        assert all(math.isfinite(value) for *_, value in run.history)


# ---------------------------------------------------------------- engines


def test_auto_vectorises_small_models_and_loops_over_large_ones():
    assert choose_engine(build(network="dense-8")(), "cpu") == "vmap"
    assert choose_engine(build(network="dense-600")(), "cpu") == "loop"
    assert choose_engine(build(network="dense-600")(), "cuda") == "vmap"
    assert choose_engine(Counter(), "cuda") == "loop"


class Counter(Toy):
    """A model with state: it counts what it is shown, in place or by a new tensor."""

    def __init__(self, in_place=True, persistent=True):
        super().__init__()
        self.in_place = in_place
        self.register_buffer("count", torch.tensor(0), persistent=persistent)

    def forward(self, phase, x, noise, step):
        if self.in_place:
            self.count += 1
        else:
            self.count = self.count + 1
        return super().forward(phase, x, noise, step)


@pytest.mark.parametrize("persistent", [True, False])
@pytest.mark.parametrize("in_place", [True, False])
@pytest.mark.parametrize("engine", ["auto", "loop", "vmap"])
def test_a_model_with_a_buffer_keeps_it(engine, in_place, persistent):
    made = runs(lambda: Counter(in_place, persistent), [0, 1], engine=engine)
    assert [run.model.count.item() for run in made.values()] == [STEPS, STEPS]
    plain = cohort(Toy, (0, 1), "loop")
    assert torch.equal(made[1].model.weight, plain[1].model.weight)


class Tied(Toy):
    """A model that knows its weight by two names."""

    def __init__(self):
        super().__init__()
        self.other = self.weight


@engines
def test_a_model_with_tied_weights_keeps_them_tied(engine):
    run = runs(Tied, [0], engine=engine)[0]
    assert run.model.other is run.model.weight
    assert torch.equal(run.model.weight, runs(Toy, [0], engine=engine)[0].model.weight)


class Stubborn(Toy):
    """`vmap` refuses it."""

    def __init__(self):
        super().__init__(lambda toy, step: 0.0 * toy.weight.sum().item())


class Dropping(Toy):
    """So it does this one, which draws from the global stream."""

    def __init__(self):
        super().__init__(lambda toy, step: nn.functional.dropout(toy.weight, 0.5).square().sum())


@pytest.mark.parametrize("model", [Stubborn, Dropping])
def test_a_model_that_does_not_vectorise_runs_in_the_loop_and_says_so_once(model, capsys):
    asked = runs(model, [0, 1, 2], engine="vmap")
    err = capsys.readouterr().err
    assert err.count("training in a loop") == 1
    assert len(err.splitlines()) == 1
    assert {run.engine for run in asked.values()} == {"loop"}
    assert same(asked[2], runs(model, [2], engine="loop")[2])
    assert not capsys.readouterr().err


def test_a_step_of_both_engines_gives_the_same_terms():
    models = [build()() for _ in range(3)]
    x = torch.rand(3, 8, 1, 8, 8, dtype=torch.float64)
    noise = {n: torch.randn(3, 8, CODE.size, dtype=torch.float64) for n in models[0].noises}
    stacked = Stacked(models, 1e-3).terms("objective", x, noise, 0)
    for i, model in enumerate(models):
        alone = Alone([model], 1e-3).terms(
            "objective", x[i : i + 1], {n: e[i : i + 1] for n, e in noise.items()}, 0
        )
        for name, term in alone.items():
            torch.testing.assert_close(term, stacked[name][i : i + 1])


# ---------------------------------------------------------------- what a run reports


class Steps(Toy):
    """A loss that is the step."""

    def forward(self, phase, x, noise, step):
        loss = 0.0 * self.weight.sum() + step
        return {"loss": loss, "double": 2 * loss}


@engines
def test_history_holds_the_means_of_whole_windows_and_of_the_rest(engine):
    run = runs(Steps, [0, 1], steps=2 * BLOCK + 20, engine=engine)[1]
    assert run.history == [
        (50, "loss", 24.5),
        (50, "double", 49.0),
        (100, "loss", 74.5),
        (100, "double", 149.0),
        (120, "loss", 109.5),
        (120, "double", 219.0),
    ]


def test_windows_grow_so_that_a_curve_has_few_points(monkeypatch):
    monkeypatch.setattr(history, "POINTS", 2)
    run = runs(Steps, [0], steps=5 * BLOCK)[0]
    losses = [(step, value) for step, name, value in run.history if name == "loss"]
    assert losses == [(150, 74.5), (250, 199.5)]


def test_history_is_of_the_first_phase():
    run = cohort(VMIVAE, (3,), "vmap")[3]
    names = {name for _, name, _ in run.history}
    assert {"loss", "rate", "distortion", "missing_categorical"} < names


@engines
def test_no_steps_give_the_untrained_model(engine):
    run = runs(build(), [3], steps=0, engine=engine)[3]
    assert (run.steps, run.error, run.history) == (0, "", [])
    torch.manual_seed(derive(3, "weights"))
    fresh = build()().state_dict()
    assert all(torch.equal(t, fresh[name]) for name, t in run.model.state_dict().items())


@engines
def test_training_learns_and_hands_back_a_frozen_model(engine):
    run = runs(Toy, [0], steps=1500, learning_rate=0.05, engine=engine)[0]
    assert run.model.weight.mean().item() == pytest.approx(0.5, abs=0.05)
    assert not run.model.training
    assert not any(p.requires_grad for p in run.model.parameters())
    assert run.seconds > 0
    assert run.history[0][2] > 10 * run.history[-1][2]


def test_progress_is_shown_unless_quiet(capsys):
    runs(Toy, [0, 1], engine="loop", quiet=False)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith(f"seed 0: {STEPS}/{STEPS}, ")
    assert "loss" in lines[1]
    runs(Toy, [0, 1], engine="vmap", quiet=False)
    assert capsys.readouterr().err.startswith("seed 0, 1: ")
    runs(Toy, [0])
    assert not capsys.readouterr().err
