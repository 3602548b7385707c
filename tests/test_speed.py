"""The scripts of `make speed`: each imports, and what they work out is right; nothing is timed."""

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from vmi.nets.densities import log_aggregate, sample, standard_units
from vmi.random import generator

FOLDER = Path(__file__).parents[1] / "benchmarks" / "speed"
PEERS = {"pythae_step"}  # run where the peer is installed
SCRIPTS = sorted({path.stem for path in FOLDER.glob("*.py")} - PEERS)


@pytest.fixture(autouse=True)
def beside(monkeypatch):
    """The scripts import each other by name, as they lie in one folder."""
    monkeypatch.syspath_prepend(FOLDER)
    yield
    for name in SCRIPTS:
        sys.modules.pop(name, None)


def script(name):
    return importlib.import_module(name)


@pytest.mark.parametrize("name", SCRIPTS)
def test_each_script_imports_and_says_what_it_is(name):
    assert script(name).__doc__.strip()


def test_scripts_of_rows_are_found_by_what_they_have():
    found = script("publish").scripts()
    assert {"aggregate", "likelihood", "metrics", "neighbours"} <= set(found)
    assert {"dry_run", "independence", "steps"} <= set(found)
    assert not {"turns", "publish", *script("publish").SINGLE} & set(found)
    assert all(callable(script(name).rows) for name in found)


def test_the_ratio_is_the_median_of_those_of_the_turns(monkeypatch):
    turns, times = script("turns"), iter([9, 9, 4, 1, 6, 2, 10, 5])  # a pair warms up
    monkeypatch.setattr(turns, "seconds", lambda work: next(times))
    assert turns.in_turns(None, None, turns=3) == (6, 2, 3)


def test_a_row_has_the_common_keys_and_a_refusal_its_reason(tmp_path, monkeypatch, capsys):
    turns = script("turns")
    measured = turns.row("work", "peer", (2.0, 0.5, 4.0), "x3", 0.25, "a note")
    (lacking,) = turns.refused("other", "peer", "x2", "no such package")
    assert tuple(measured) == tuple(lacking) == turns.KEYS
    monkeypatch.setattr(sys, "argv", ["script", "--output", str(tmp_path / "rows.csv")])
    turns.main(lambda: [measured, lacking], "About.")
    assert "x4; " not in capsys.readouterr().err
    publish = script("publish")
    rows = [
        row | {"fraction": publish.fraction(row)} for row in publish.read(tmp_path / "rows.csv")
    ]
    assert [row["fraction"] for row in rows] == ["0.5", ""]
    table = publish.table(rows).splitlines()
    assert table[2] == "| work | peer | 2 | 0.5 | 4 | x3 | 0.5 | a note |"
    assert table[3].endswith("| x2 | – | not measured: no such package |")
    publish.plot_speed(rows, tmp_path / "speed.png")
    assert (tmp_path / "speed.png").stat().st_size > 1000


def test_the_exponent_of_growth_is_the_slope_of_the_logarithms(tmp_path):
    growth, publish = script("growth"), script("publish")
    assert growth.exponent([1, 10, 100], [2.0, 200.0, 20_000.0]) == pytest.approx(2)
    rows = [
        dict(zip(growth.HEADER, ("it", "images", n, n**2, 2.0), strict=True)) for n in (1, 2, 4)
    ]
    publish.plot_growth(rows, tmp_path / "growth.png")
    assert (tmp_path / "growth.png").stat().st_size > 1000


def test_the_formula_written_out_is_the_aggregate():
    aggregate = script("aggregate")
    q, z = sample(standard_units(aggregate.posteriors(120)), generator(1))
    torch.testing.assert_close(aggregate.direct(q, z), log_aggregate(q, z), rtol=0, atol=1e-9)


def test_the_family_is_every_metric_that_counts(monkeypatch):
    metrics, tables = script("metrics"), importlib.import_module("vmi.metrics.counts").tables
    asked = []
    for room in ("mig", "gaps", "modularity"):
        module = importlib.import_module(f"vmi.metrics.{room}")
        monkeypatch.setattr(module, "tables", lambda *a, **k: asked.append(1) or tables(*a, **k))
    codes, factors = metrics.world(300)
    assert codes.shape == (300, 10) and factors.max(0).tolist() == [2, 5, 39, 31, 31]
    metrics.family(codes, factors)
    assert len(asked) == len(set(metrics.FAMILY)) == 11


def test_operations_are_two_for_each_weight():
    assert script("likelihood").operations(16, 400, 784) == 2 * (16 * 400 + 400 * 784)


def test_pairs_are_drawn_as_they_are_said_to_be():
    x, y = script("neighbours").pairs(4000, 2)
    assert np.corrcoef(x[:, 0], y[:, 0])[0, 1] == pytest.approx(0.8, abs=0.03)
    assert abs(np.corrcoef(x[:, 1], y[:, 1])[0, 1]) < 0.06


def test_a_peer_is_asked_for_a_turn_and_says_why_it_ended(tmp_path, monkeypatch):
    turns = script("turns")
    monkeypatch.setattr(turns, "environment", lambda *about: sys.executable)
    lines = "import sys\nfor i, _ in enumerate(sys.stdin):\n    print(i + 0.5, flush=True)\n"
    works, fails = tmp_path / "works.py", tmp_path / "fails.py"
    works.write_text(lines)
    fails.write_text("raise SystemExit('no such layer')")
    with turns.from_peer("peer", [], "peer", works) as turn:
        assert [turn(), turn()] == [0.5, 1.5]
    with (
        pytest.raises(RuntimeError, match="no such layer"),
        turns.from_peer("peer", [], "peer", fails) as turn,
    ):
        turn()


def test_the_products_of_a_step_are_counted_whichever_library_takes_them(monkeypatch):
    steps, affine = script("steps"), importlib.import_module("vmi.nets.affine")
    counted = []
    for by_onednn in (False, torch.backends.mkldnn.is_available()):
        monkeypatch.setattr(affine, "_mkl_is_slow", lambda by_onednn=by_onednn: by_onednn)
        images = torch.rand(4, 1, 28, 28).round()
        *_, operations = steps.ours(
            "dense-200", "vae", {"gaussian": 20}, "bernoulli", images, "float32"
        )
        counted.append(operations)
    encoder, decoder = (784 * 200 + 200 * 200 + n for n in (200 * 40, 200 * 20))
    assert counted == [2 * 4 * (3 * (encoder + decoder) - 784 * 200)] * 2  # x wants no gradient


def test_each_operation_of_a_step_has_a_kind():
    kinds = {
        "aten::convolution_backward": "convolutions",
        "mkldnn::_linear_pointwise": "products",
        "aten::native_batch_norm": "batch norm",
        "aten::leaky_relu_backward": "activations",
        "aten::_fused_adam_": "Adam",
        "aten::copy_": "copies",
        "aten::log_sigmoid_forward": "likelihood",
        "aten::exp": "rest",
    }
    assert {name: script("shares").kind_of(name) for name in kinds} == kinds
