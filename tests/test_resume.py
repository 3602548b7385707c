"""A training that is stopped anywhere goes on from its state, bit for bit as if never stopped."""

import json
import multiprocessing
import os
import pickle
import random
import shutil
import signal
import stat
import time
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
import torch
from safetensors import safe_open
from test_train import CODE, Counter, Sick, build, runs, same
from torch import nn
from toys import Toy, small_data

from vmi.errors import Stopped
from vmi.models import MODELS
from vmi.models.vae import VAE
from vmi.models.vmi_vae import VMIVAE
from vmi.nets.latents import Latents
from vmi.training import keeper, state
from vmi.training.checkpoints import load_weights, save_weights, weights_file
from vmi.training.keeper import States
from vmi.training.stream import BLOCK

STEPS = 3 * BLOCK + 10  # a last block that is cut short
engines = pytest.mark.parametrize("engine", ["loop", "vmap"])


@dataclass
class Outcome:
    """The runs of a training that was cut again and again, and how often that was."""

    runs: dict[int, Any] = field(default_factory=dict)
    cuts: int = 0


def cut(folder, make_model, seeds, *, blocks=1, **settings):
    """Trains, and is asked to end after so many blocks each time, until it has ended of itself."""
    outcome = Outcome()
    for _ in range(50):
        calls = count(1)
        states = States(folder, asked=lambda calls=calls: next(calls) % blocks == 0)
        try:
            outcome.runs = runs(make_model, seeds, states=states, **settings)
            return outcome
        except Stopped:
            outcome.cuts += 1
    raise AssertionError("it never ends")


def all_same(a, b):
    assert a.keys() == b.keys()
    return all(same(a[seed], b[seed]) for seed in a)


# ---------------------------------------------------------------- stopped and gone on


class Dropping(Toy):
    """Draws from the global stream."""

    def __init__(self):
        super().__init__(lambda toy, step: nn.functional.dropout(toy.weight, 0.5).square().sum())


CASES = {
    "batch norm": (build(VAE, "serdega-2"), ["loop", "vmap"]),
    "joint, a network Q of its own phase": (build(VMIVAE), ["loop", "vmap"]),
    "a buffer": (Counter, ["loop"]),
    "a buffer that is bound anew and no part of a checkpoint": (
        lambda: Counter(False, False),
        ["loop"],
    ),
    "dropout": (Dropping, ["loop"]),
    "some seeds diverge": (Sick, ["loop", "vmap"]),
}
EACH = [(name, engine) for name, (_, engines) in CASES.items() for engine in engines]


@pytest.mark.parametrize(("name", "engine"), EACH)
def test_stopped_at_every_block_it_ends_as_if_never_stopped(name, engine, tmp_path):
    make_model, _ = CASES[name]
    seeds, settings = [3, 1], {"steps": STEPS, "engine": engine}
    whole = runs(make_model, seeds, **settings)
    outcome = cut(tmp_path, make_model, seeds, blocks=1, **settings)
    assert outcome.cuts >= 3
    assert all_same(outcome.runs, whole)


@engines
def test_a_gaussian_vmi_vae_goes_on_after_five_cuts_in_a_row(engine, tmp_path):
    def make_model():
        return VMIVAE((1, 8, 8), Latents(4, (), informed=2), "serdega-2", "gaussian").double()

    settings = {"steps": 5 * BLOCK + 10, "engine": engine}
    outcome = cut(tmp_path, make_model, [0], blocks=1, **settings)
    assert outcome.cuts == 5
    assert all_same(outcome.runs, runs(make_model, [0], **settings))


@engines
def test_epochs_of_dynamic_bits_go_on_where_they_were(engine, tmp_path):
    data = small_data(100, side=8, binarisation="dynamic")
    for size in (30, 80, 7):  # 2, 1 and 11 batches an epoch
        settings = {"steps": STEPS, "batch_size": size, "engine": engine, "data": data}
        whole = runs(Toy, [0, 1], **settings)
        assert all_same(cut(tmp_path / str(size), Toy, [0, 1], **settings).runs, whole)


@pytest.mark.parametrize("name", sorted(MODELS))
def test_every_model_that_is_registered_goes_on(name, tmp_path):
    def make_model():
        function, settings = MODELS.load(name)
        return function((1, 8, 8), CODE, "dense-4", "gaussian", **settings).double()

    outcome = cut(tmp_path, make_model, [0, 1], blocks=2, steps=3 * BLOCK)
    assert outcome.cuts and all_same(outcome.runs, runs(make_model, [0, 1], steps=3 * BLOCK))


@engines
def test_the_seconds_of_all_parts_are_added(engine, tmp_path):
    def slow():
        return Toy(lambda toy, step: time.sleep(0.002) or 0.0)

    outcome = cut(tmp_path, slow, [0], steps=3 * BLOCK, engine=engine)
    assert outcome.runs[0].seconds > 3 * BLOCK * 0.002 * (engine == "loop")


def test_seeds_that_are_done_are_not_trained_again(tmp_path, capsys):
    cut(tmp_path, Toy, [0, 1], blocks=5, steps=STEPS, engine="loop")
    lines = capsys.readouterr().err.splitlines()
    assert lines == ["seed 0: goes on from step 150", "seed 1: goes on from step 50"]


def test_progress_is_of_what_is_left(tmp_path, capsys):
    cut(tmp_path, Toy, [0], blocks=3, steps=STEPS, quiet=False)
    *_, goes_on, last = capsys.readouterr().err.splitlines()
    assert goes_on == "seed 0: goes on from step 150"
    assert last.startswith("seed 0: 160/160")


# ---------------------------------------------------------------- a longer training


@engines
@pytest.mark.parametrize("short", [2 * BLOCK, 2 * BLOCK + 20])
@pytest.mark.parametrize("name", ["batch norm", "some seeds diverge"])
def test_a_longer_training_goes_on_from_a_shorter_one(name, short, engine, tmp_path, capsys):
    make_model, _ = CASES[name]
    for steps in (short, STEPS):
        longer = runs(make_model, [0, 1, 2], steps=steps, engine=engine, states=States(tmp_path))
    assert f"goes on from step {2 * BLOCK}" in capsys.readouterr().err
    assert all_same(longer, runs(make_model, [0, 1, 2], steps=STEPS, engine=engine))


def test_the_history_of_a_longer_training_has_its_own_windows(tmp_path, monkeypatch):
    monkeypatch.setattr("vmi.training.history.POINTS", 2)
    for steps in (2 * BLOCK + 20, 7 * BLOCK + 5):
        longer = runs(Toy, [0], steps=steps, states=States(tmp_path))[0]
    whole = runs(Toy, [0], steps=7 * BLOCK + 5)[0]
    assert same(longer, whole)
    assert sorted({step for step, *_ in whole.history}) == [4 * BLOCK, 7 * BLOCK + 5]


def test_a_shorter_training_does_not_go_on_from_a_longer_one(tmp_path, capsys):
    runs(Toy, [0], steps=STEPS, states=States(tmp_path))
    short = runs(Toy, [0], steps=2 * BLOCK, states=States(tmp_path))
    assert "is of step 150, beyond the 100 to take" in capsys.readouterr().err
    assert all_same(short, runs(Toy, [0], steps=2 * BLOCK))


# ---------------------------------------------------------------- a state that is of no use


def stopped(folder, **made):
    """The file of a state at the second block."""
    calls = count(1)
    states = States(folder, lambda: made, asked=lambda: next(calls) == 2)
    with pytest.raises(Stopped, match="seed 0 at step 100: its state is in"):
        runs(Toy, [0], states=states, steps=STEPS)
    return folder / "seed-0.safetensors"


def test_a_state_of_another_training_is_not_used(tmp_path, capsys):
    stopped(tmp_path, settings={"a": (1, 2)}, code="x")
    for made, unlike in [
        ({"settings": {"a": (1, 3)}, "code": "x"}, "settings"),
        ({"settings": {"a": (1, 2)}, "code": "y"}, "code"),
        ({"settings": {"a": (1, 2)}, "code": "x", "files": {}}, "files"),
    ]:
        with pytest.raises(Stopped):
            runs(Toy, [0], states=States(tmp_path / "no", asked=lambda: True), steps=STEPS)
        before = (tmp_path / "seed-0.safetensors").read_bytes()
        states = States(tmp_path, lambda made=made: made)
        whole = runs(Toy, [0], states=states, steps=STEPS)
        (line,) = [x for x in capsys.readouterr().err.splitlines() if "anew" in x]
        assert f"seed-0.safetensors is of other {unlike}" in line
        assert all_same(whole, runs(Toy, [0], steps=STEPS))
        (tmp_path / "seed-0.safetensors").write_bytes(before)


def test_a_state_of_other_seeds_another_engine_or_torch_is_not_used(tmp_path, capsys, monkeypatch):
    stopped(tmp_path)
    runs(Toy, [0, 1], states=States(tmp_path), steps=50, engine="vmap")
    assert "is of other seeds" in capsys.readouterr().err
    runs(Toy, [0, 1], states=States(tmp_path), steps=50, engine="loop")
    assert "is of other seeds, engine" in capsys.readouterr().err
    monkeypatch.setattr(torch, "__version__", "99.0.0")
    runs(Toy, [0, 1], states=States(tmp_path), steps=50, engine="loop")
    assert "is of other torch" in capsys.readouterr().err


class Larger(Toy):
    """Has a parameter more."""

    def __init__(self):
        super().__init__()
        self.more = nn.Parameter(torch.zeros(2))


def test_a_state_of_another_model_is_not_used_even_if_nobody_says_so(tmp_path, capsys):
    stopped(tmp_path)
    runs(Larger, [0], states=States(tmp_path), steps=STEPS)
    assert "is of another model" in capsys.readouterr().err


class Code:
    """Runs when it is unpickled."""

    def __reduce__(self):
        return os.mkdir, ("ran",)


DAMAGE = {
    "empty": lambda data: b"",
    "cut in its head": lambda data: data[:100],
    "cut in its middle": lambda data: data[: len(data) // 2],
    "cut by a byte": lambda data: data[:-1],
    "a byte too many": lambda data: data + b"\0",
    "text": lambda data: b"not a state\n" * 100,
    "a pickle": lambda data: pickle.dumps(Code()),
    "a changed note": lambda data: data.replace(b"100", b"150", 1),
}


def goes_anew(folder, capsys, whole):
    again = runs(Toy, [0], states=States(folder), steps=STEPS)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("seed 0: begins anew: ") and "cannot be read (" in line
    return all_same(again, whole)


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_state_is_not_used(damage, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = stopped(tmp_path)
    data = path.read_bytes()
    path.write_bytes(DAMAGE[damage](data))
    assert path.read_bytes() != data
    assert goes_anew(tmp_path, capsys, runs(Toy, [0], steps=STEPS))
    assert not (tmp_path / "ran").exists()


def test_no_flipped_bit_goes_unnoticed(tmp_path, capsys):
    data, whole = stopped(tmp_path).read_bytes(), runs(Toy, [0], steps=STEPS)
    draw = random.Random(0)
    for _ in range(40):
        flipped, at = bytearray(data), draw.randrange(len(data))
        flipped[at] ^= 1 << draw.randrange(8)
        (tmp_path / "seed-0.safetensors").write_bytes(flipped)
        assert goes_anew(tmp_path, capsys, whole), at


class Aside(Toy):
    """Counts its steps where no state holds them."""

    def __init__(self, kept):
        super().__init__()
        self.kept = kept

    def forward(self, phase, x, noise, step):
        self.kept = [*self.kept, 1] if isinstance(self.kept, list) else self.kept + 1
        return super().forward(phase, x, noise, step)


@pytest.mark.parametrize("kept", [0, 1.5, [], torch.zeros(2)], ids=str)
def test_a_model_that_keeps_what_no_state_holds_has_none_and_says_so(kept, tmp_path, capsys):
    states = States(tmp_path, asked=lambda: True)
    with pytest.raises(Stopped, match="no state was kept"):
        runs(lambda: Aside(kept), [0], states=states, steps=STEPS)
    said = "seed 0: keeps no state: a step changes kept, no parameter and no buffer\n"
    assert capsys.readouterr().err == said


def test_a_state_that_cannot_be_written_stops_no_training(tmp_path, capsys, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(state, "save_file", full)
    made = runs(Toy, [0], states=States(tmp_path, every=0), steps=3 * BLOCK)
    assert all_same(made, runs(Toy, [0], steps=3 * BLOCK))
    lines = capsys.readouterr().err.splitlines()
    assert lines and set(lines) == {
        "seed 0: its state was not written: OSError: [Errno 28] No space left on device"
    }


# ---------------------------------------------------------------- when it is written


def written(monkeypatch, tmp_path, cost, blocks=40):
    """How often the state of a training is written whose blocks and writes take some seconds."""
    now, times = [0.0], []

    def write(*_):
        now[0] += cost
        times.append(now[0])

    monkeypatch.setattr(keeper, "write_state", write)
    monkeypatch.setattr(keeper.time, "monotonic", lambda: now[0])

    def tick(toy, step):
        now[0] += 20.0 / BLOCK
        return 0.0

    runs(lambda: Toy(tick), [0], engine="loop", steps=blocks * BLOCK, states=States(tmp_path))
    return len(times)


def test_a_state_is_written_every_minute_or_so(monkeypatch, tmp_path):
    assert written(monkeypatch, tmp_path, cost=0.1) in (10, 11)  # of 800 seconds, in steps of 80


def test_a_state_that_is_slow_to_write_is_written_less_often(monkeypatch, tmp_path):
    assert written(monkeypatch, tmp_path, cost=3.0) == 4  # after 80 s, then every 300, and last


def test_a_state_is_tensors_and_json(tmp_path):
    path = stopped(tmp_path, code="x")
    with safe_open(path, "pt") as file:
        about, names = file.metadata(), set(file.keys())
    assert json.loads(about["note"])["runs"] == [[100, ""]]
    assert json.loads(about["made"])["code"] == "x"
    assert {"program/parameter/weight", "program/objective/mean/0", "stream/0/order"} <= names
    assert sorted(p.name for p in tmp_path.iterdir()) == ["seed-0.safetensors"]


# ---------------------------------------------------------------- killed


MODEL = build(VAE, "serdega-2")


def slowly(act):
    """An act of the file system that takes its time."""

    def slow(*paths):
        time.sleep(0.01)
        act(*paths)

    return slow


def trained(folder, engine):
    """Trains to the end in a process of its own, with a state every block, on a slow disk."""
    state._flush, state.os.replace = slowly(state._flush), slowly(os.replace)
    made = runs(
        MODEL, [0, 1], steps=STEPS, engine=engine, states=States(folder / "states", every=0.0)
    )
    (folder / "end").mkdir()
    for seed, run in made.items():
        save_weights(run.model, folder / "end", seed)
    (folder / "done").write_text(json.dumps({s: (r.history, r.steps) for s, r in made.items()}))


def started(folder, engine):
    child = multiprocessing.get_context("fork").Process(target=trained, args=(folder, engine))
    child.start()
    return child


def killed(folder, engine, wait, in_a_write):
    """Trains and is killed, after some seconds or some time after a write has begun.

    Returns:
        Whether it was killed before its end, and whether half a file is left.
    """
    for left in folder.glob("states/*.part"):
        left.unlink()
    child, began = started(folder, engine), time.monotonic()
    while child.is_alive() and not (
        any(folder.glob("states/*.part")) if in_a_write else time.monotonic() > began + wait
    ):
        time.sleep(0.0005)
    time.sleep(wait / 20 if in_a_write else 0.0)
    child.kill()
    child.join()
    was = child.exitcode == -signal.SIGKILL
    return was, was and any(folder.glob("states/*.part"))


@engines
def test_killed_at_random_points_and_in_a_write_it_ends_as_if_never_killed(engine, tmp_path):
    whole = runs(MODEL, [0, 1], steps=STEPS, engine=engine)
    draw, kills, torn = random.Random(0), 0, 0
    for attempt in range(100):
        was, half = killed(tmp_path, engine, draw.uniform(0.0, 0.3), attempt % 2 == 0)
        kills, torn = kills + was, torn + half
        if kills >= 12 and torn >= 4:
            break
        if not was:  # it came to its end too soon: once more from nothing
            shutil.rmtree(tmp_path / "states")
            shutil.rmtree(tmp_path / "end")
    assert kills >= 12 and torn >= 4
    shutil.rmtree(tmp_path / "end", ignore_errors=True)
    started(tmp_path, engine).join()
    done = json.loads((tmp_path / "done").read_text())
    for seed, run in whole.items():
        weights = load_weights(MODEL(), tmp_path / "end", seed).state_dict()
        torch.testing.assert_close(weights, run.model.state_dict(), rtol=0, atol=0)
        assert done[str(seed)] == [[[*row] for row in run.history], run.steps]


def test_weights_may_be_read_by_all_who_may_read_their_folder(tmp_path):
    for mode, of_file in ((0o755, 0o644), (0o700, 0o600), (0o770, 0o660)):
        tmp_path.chmod(mode)
        save_weights(nn.Linear(2, 1), tmp_path, 0)
        assert stat.S_IMODE(weights_file(tmp_path, 0).stat().st_mode) == of_file
