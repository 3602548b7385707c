"""Stages read files and write files, the same ones every time."""

import json

import pandas as pd
import pytest
import torch

from vmi import records
from vmi.data.dataset import from_arrays
from vmi.errors import UserError
from vmi.stages.check import check
from vmi.stages.cohort import cohort, comparison
from vmi.stages.describe import describe
from vmi.stages.where import where
from vmi.suites.cohorts import cohort_name
from vmi.suites.file import check_names
from vmi.suites.suite import Suite

SETTINGS = {
    "title": "T",
    "seeds": [0, 1],
    "datasets": ["digits", {"name": "gauss", "dataset": "gaussian", "likelihood": "gaussian"}],
    "models": ["vae", "vmi-vae"],
    "metrics": ["mig", "accuracy-majority", "information", "vmi-bound-20", "elbo", "iwae-5"],
    "network": "dense-8",
    "latents": {"gaussian": 2, "categorical": [3], "informed": 1},
    "training": {"steps": 60, "batch_size": 32},
}


@pytest.fixture(autouse=True)
def here(workplace):
    """Stages work in the folder that one works in."""
    return workplace


def run(suite, task="digits", method="vmi-vae", seeds=(0, 1)):
    """Trains, encodes and measures one cohort; returns its records but for the seconds."""
    cohort(suite, task, method, list(seeds), quiet=True)
    path = where(suite).cell(task, method, cohort_name(list(seeds))).records
    return records.read(path).drop(columns="seconds")


@pytest.mark.parametrize("engine", ["loop", "vmap"])
def test_the_same_seed_twice_gives_the_same_records_bit_for_bit(engine):
    training = {**SETTINGS["training"], "engine": engine}
    first, second = (run(Suite(name, {**SETTINGS, "training": training})) for name in "ab")
    same = first.drop(columns="suite"), second.drop(columns="suite")
    pd.testing.assert_frame_equal(*same, check_exact=True)
    assert first["value"].notna().sum() > 20


def test_a_seed_alone_has_the_records_that_it_has_in_a_cohort():
    suite = Suite("s", {**SETTINGS, "training": {**SETTINGS["training"], "engine": "loop"}})
    both, alone = run(suite), run(suite, seeds=[1])
    both = both[both["seed"] == 1].sort_values("measure", ignore_index=True)
    pd.testing.assert_frame_equal(both, alone.sort_values("measure", ignore_index=True))


def compared(suite, *cohorts):
    for seeds in cohorts:
        cohort(suite, "digits", "vae", seeds, quiet=True)
    comparison(suite, "digits")
    return records.read(where(suite).seeds("digits")).drop(columns="seconds")


def comparing(name, metric, seeds):
    """A suite of one model that is compared with itself."""
    settings = {**SETTINGS, "datasets": ["digits"], "models": ["vae"]}
    return Suite(name, {**settings, "seeds": seeds, "metrics": [metric]})


def test_seeds_are_compared_across_cohorts():
    apart = compared(comparing("a", "udr-spearman", [0, 1, 2]), [0, 1], [2])
    assert apart["seed"].tolist() == [0, 1, 2]
    assert apart["value"].between(0, 1).all() and apart["n"].nunique() == 1
    whole = compared(comparing("b", "udr-spearman", [0, 1, 2]), [0, 1, 2])
    assert whole["value"].tolist() == pytest.approx(apart["value"].tolist(), abs=1e-4)


def test_a_seed_that_broke_has_its_reason_and_the_others_are_compared():
    suite = comparing("s", "udr", [0, 1, 2])
    cohort(suite, "digits", "vae", [0, 1, 2], quiet=True)
    cell = where(suite).cell("digits", "vae", "0-2")
    status = cell.status
    rows = pd.read_csv(status, dtype=str, keep_default_na=False)
    rows.loc[1, "error"] = "broke at step 7"
    rows.to_csv(status, index=False)
    cell.ledger.seal("fit", cell.left_by("fit"))
    comparison(suite, "digits")
    made = records.read(where(suite).seeds("digits")).set_index("seed")
    assert made["error"].tolist() == ["", "broke at step 7", ""]
    assert made["state"].tolist() == ["value", "failed", "value"]
    assert made["value"].notna().tolist() == [True, False, True]


def test_one_seed_has_nothing_to_be_compared_with():
    (row,) = compared(comparing("s", "udr", [0]), [0]).to_dict("records")
    assert row["state"] == "not applicable"
    assert row["error"].startswith("UDR compares seeds")


def test_a_metric_without_meaning_here_is_a_row_with_the_reason():
    rows = run(Suite("s", SETTINGS), seeds=[0])
    (mig,) = rows[rows["measure"] == "mig"].to_dict("records")
    assert pd.isna(mig["value"]) and mig["state"] == "not applicable"
    assert mig["error"] == "digits has no ground-truth factors"


def test_every_log_likelihood_says_how_the_data_was_binarised():
    digits = run(Suite("s", SETTINGS), seeds=[0])
    gauss = run(Suite("s", SETTINGS), task="gauss", seeds=[0])
    assert set(digits["binarisation"]) == {"dynamic"}
    assert set(gauss["binarisation"]) == {"none"}


def test_the_log_likelihood_is_of_as_many_images_as_the_suite_says():
    rows = run(Suite("s", {**SETTINGS, "likelihood_images": 7}), seeds=[0])
    n = rows.set_index("measure")["n"]
    assert n["elbo"] == n["iwae-5"] == 7 < n["information"]


def test_a_model_that_fails_in_training_is_rows_with_its_reason(here):
    (here / "own.py").write_text(
        "from vmi.models.vae import VAE\n"
        "class Breaks(VAE):\n"
        "    def objective(self, x, noise, step):\n"
        "        raise KeyError('no such thing')\n"
    )
    suite = Suite("s", {**SETTINGS, "models": ["own:Breaks"]})
    rows = run(suite, method="Breaks")
    assert rows["error"].str.contains("KeyError: 'no such thing'").all()
    assert set(rows["state"]) == {"failed"}
    assert len(rows) == 2 * len(suite.measures)


def numbers(suite, seeds=(0,)):
    return run(suite, seeds=seeds).set_index(["seed", "measure"])["value"]


def test_what_stands_is_not_done_again(here):
    """A new metric is measured alone, a new picture drawn alone; a new setting trains anew."""
    suite = Suite("s", SETTINGS)
    before = numbers(suite)
    cell = where(suite).cell("digits", "vmi-vae", "0")
    weights, sample = cell.weights / "seed-0.safetensors", cell.pictures / "samples.png"
    trained, drawn = weights.stat().st_mtime_ns, sample.stat().st_mtime_ns
    rows = records.read(cell.records).set_index("measure")["seconds"]

    more = numbers(Suite("s", {**SETTINGS, "metrics": [*SETTINGS["metrics"], "iwae-6"]}))
    assert more.drop((0, "iwae-6")).drop((0, "iwae-6/ess")).equals(before)
    again = records.read(cell.records).set_index("measure")["seconds"]
    assert again[rows.index].equals(rows)  # to the last digit of a stopwatch: the same rows
    assert weights.stat().st_mtime_ns == trained and sample.stat().st_mtime_ns == drawn

    run(Suite("s", {**SETTINGS, "pictures": ["traversals"]}), seeds=[0])
    assert {path.name for path in cell.pictures.iterdir()} == {"traversals.png"}
    assert weights.stat().st_mtime_ns == trained

    run(Suite("s", {**SETTINGS, "training": {"steps": 50, "batch_size": 32}}), seeds=[0])
    assert weights.stat().st_mtime_ns > trained


def test_a_stage_that_was_cut_off_is_done_again_and_those_that_follow_it(here):
    suite = Suite("s", SETTINGS)
    before = numbers(suite)
    cell = where(suite).cell("digits", "vmi-vae", "0")
    made = json.loads(cell.made.read_text())
    assert list(made) == ["fit", "encode", "measure", "draw"]
    cell.made.write_text(json.dumps({"fit": made["fit"]}))  # as if it died while it encoded
    trained = (cell.weights / "seed-0.safetensors").stat().st_mtime_ns
    cell.records.unlink()
    assert numbers(suite).equals(before)
    assert (cell.weights / "seed-0.safetensors").stat().st_mtime_ns == trained
    assert json.loads(cell.made.read_text()) == made


def test_a_data_set_is_described():
    suite = Suite(
        "s", {**SETTINGS, "datasets": [{"dataset": "sprites-8", "grid": [3, 2, 4, 4, 4]}]}
    )
    describe(suite, "sprites-8")
    facts = json.loads(where(suite).data("sprites-8").read_text())
    assert facts["train"] + facts["evaluation"] == 3 * 2 * 4 * 4 * 4
    assert facts["factors"] == {"shape": 3, "scale": 2, "orientation": 4, "x": 4, "y": 4}


@pytest.mark.parametrize("device", ["cuda:99", "warp-drive"])
def test_a_device_that_is_not_there_is_an_error_and_no_row(device):
    suite = Suite("s", SETTINGS)
    with pytest.raises(UserError, match=f"device '{device}'"):
        cohort(suite, "digits", "vae", [0], device)
    cell = where(suite).cell("digits", "vae", "0")
    assert not (cell.weights.exists() or cell.status.exists() or cell.records.exists())


def test_metrics_that_would_share_a_name_are_refused():
    with pytest.raises(UserError, match="share a name"):
        check_names(Suite("s", {**SETTINGS, "metrics": ["mig", "mine:mig"]}))


@pytest.mark.parametrize(
    ("images", "about", "said"),
    [
        (torch.full((10, 1, 2, 2), 200.0), {}, "neither 0 nor 1"),
        (torch.full((10, 1, 2, 2), 1, dtype=torch.uint8), {}, "neither 0 nor 1"),
        (torch.full((10, 1, 2, 2), -0.5), {"binarisation": "dynamic"}, r"not in \[0, 1\]"),
        (torch.full((10, 1, 2, 2), float("nan")), {"binary": False}, "not finite"),
        (torch.zeros(10, 1, 2, 2).double(), {}, "float64"),
        (torch.zeros(1, 1, 2, 2), {}, "2 or more"),
        (
            torch.zeros(10, 1, 2, 2),
            {"factors": torch.zeros(10, 2), "factor_names": ("a",)},
            "1 names",
        ),
    ],
)
def test_images_that_are_not_what_they_are_said_to_be_are_refused(images, about, said):
    with pytest.raises(UserError, match=said):
        from_arrays("own", images, **about).check()


def test_a_model_whose_terms_are_not_scalars_is_rows_with_the_reason(here):
    (here / "own.py").write_text(
        "from vmi.models.vae import VAE\n"
        "class PerImage(VAE):\n"
        "    def objective(self, x, noise, step):\n"
        "        return {'loss': x.flatten(1).sum(1) * next(self.parameters()).sum()}\n"
    )
    rows = run(Suite("s", {**SETTINGS, "models": ["own:PerImage"]}), method="PerImage")
    assert rows["error"].str.contains("must return scalar tensors").all()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            "from torch.nn import Identity\nclass M(Identity): pass",
            "has no 'phases'",
        ),
        (
            "from vmi.models.vae import VAE\nclass M(VAE):\n    def objective(self, x): ...",
            "cannot be called",
        ),
    ],
)
def test_a_model_that_the_trainer_cannot_use_is_refused(body, said, here):
    (here / "own_model.py").write_text(body + "\n")
    with pytest.raises(UserError, match=said):
        check(Suite("s", {**SETTINGS, "models": ["own_model:M"], "datasets": ["digits"]}))


def test_a_model_that_looks_at_its_weights_while_it_is_made_passes_the_check(here):
    (here / "looks.py").write_text(
        "from vmi.models.vae import VAE\n"
        "class Looks(VAE):\n"
        "    def __init__(self, *a, **k):\n"
        "        super().__init__(*a, **k)\n"
        "        self.first = next(self.parameters()).sum().item()\n"
    )
    check(Suite("s", {**SETTINGS, "models": ["looks:Looks"], "datasets": ["digits"]}))


def test_a_model_with_one_network_under_two_names_trains_in_the_loop(here):
    (here / "twice.py").write_text(
        "from vmi.models.vae import VAE\n"
        "class Twice(VAE):\n"
        "    def __init__(self, *a, **k):\n"
        "        super().__init__(*a, **k)\n"
        "        self.other = self.decoder\n"
    )
    rows = run(Suite("s", {**SETTINGS, "models": ["twice:Twice"]}), method="Twice")
    assert rows.loc[rows["measure"] == "elbo", "value"].notna().all()
