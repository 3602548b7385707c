"""Products in bfloat16: near those of float32, the loss in float32, the same bits twice."""

import pytest
import torch
from toys import small_data

from vmi.errors import UserError
from vmi.models.vmi_vae import VMIVAE
from vmi.nets.latents import Latents
from vmi.training import precision
from vmi.training.loop import train
from vmi.training.memory import keep_freed_memory
from vmi.training.precision import choose_precision, products

CODE = Latents(2, (3,), informed=1)


def model():
    return VMIVAE((1, 8, 8), CODE, "serdega-8", "squashed-gaussian")


def runs(seeds, **how):
    data = small_data(side=8)
    train_set = data.train
    object.__setattr__(train_set, "images", train_set.images.float())
    return {run.seed: run for run in train(model, data, seeds, steps=20, batch_size=40, **how)}


@pytest.mark.parametrize("able", [True, False])
def test_auto_is_what_the_processor_multiplies(able, monkeypatch):
    monkeypatch.setattr(precision, "_multiplies_bfloat16", lambda: able)
    assert choose_precision("auto", "loop", "cpu") == ("bfloat16" if able else "float32")
    assert choose_precision("auto", "vmap", "cpu") == "float32"
    assert choose_precision("auto", "loop", "cuda") == "float32"
    assert choose_precision("bfloat16", "vmap", "cpu") == "bfloat16"


def test_an_unknown_precision_is_refused():
    with pytest.raises(UserError, match="precision"):
        choose_precision("float16", "loop", "cpu")


def test_coders_hand_back_float32_and_leave_float64_alone():
    made, x = model(), torch.rand(6, 1, 8, 8)
    noise = {n: made.draw_noise(n, (6,), torch.Generator().manual_seed(0)) for n in made.noises}
    exact = made("objective", x, noise, 0)["loss"]
    with products("bfloat16"):
        short = made("objective", x, noise, 0)["loss"]
        assert made.encoder(x).mean.dtype == made.decoder(torch.zeros(6, 5)).mean.dtype
        made.double()
        assert made.encoder(x.double()).mean.dtype == torch.float64
    assert exact.dtype == short.dtype == torch.float32
    assert exact != short
    torch.testing.assert_close(exact, short, rtol=1e-2, atol=0)


def test_the_same_seed_is_the_same_bits_twice_and_among_others():
    once, again = (
        runs([3], precision="bfloat16", engine="loop"),
        runs([1, 3], precision="bfloat16", engine="loop"),
    )
    assert once[3].precision == "bfloat16"
    a, b = once[3].model.state_dict(), again[3].model.state_dict()
    assert all(torch.equal(a[name], b[name]) for name in a)
    assert all(t.dtype != torch.bfloat16 for t in a.values())


def test_a_short_training_stays_near_that_in_float32():
    for run in runs([0], precision="bfloat16", engine="loop").values():
        exact = runs([0], precision="float32", engine="loop")[0]
        assert (exact.precision, run.error) == ("float32", "")
        loss = [next(v for _, name, v in r.history if name == "loss") for r in (run, exact)]
        assert loss[0] == pytest.approx(loss[1], rel=0.02)


def test_freed_memory_is_kept_or_the_c_library_is_another():
    assert keep_freed_memory() in (True, False)
    assert keep_freed_memory() is keep_freed_memory()
