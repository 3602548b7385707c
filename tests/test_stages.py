"""Stages read files and write files, the same ones every time."""

import json
from argparse import Namespace

import pandas as pd
import pytest

from vmi import records, stages
from vmi.errors import UserError
from vmi.suite import Suite

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


def run(suite, folder, dataset="digits", model="vmi-vae", seeds=(0, 1)):
    """Trains, encodes and evaluates one cohort; returns its records but for the seconds."""
    where = (suite, dataset, model, list(seeds))
    stages.train_cohort(*where, folder / "train", quiet=True)
    stages.encode_codes(*where, folder / "train", folder / "codes")
    for family in suite.families():
        places = (folder / "train", folder / "codes", family, folder / f"{family}.csv")
        stages.evaluate(*where, *places, quiet=True)
    rows = records.read(*(folder / f"{family}.csv" for family in suite.families()))
    return rows.drop(columns="seconds")


@pytest.mark.parametrize("engine", ["loop", "vmap"])
def test_the_same_seed_twice_gives_the_same_records_bit_for_bit(engine, tmp_path):
    training = {**SETTINGS["training"], "engine": engine}
    suite = Suite("s", {**SETTINGS, "training": training})
    first, second = run(suite, tmp_path / "a"), run(suite, tmp_path / "b")
    pd.testing.assert_frame_equal(first, second, check_exact=True)
    assert first["value"].notna().sum() > 20


def test_a_seed_alone_has_the_records_that_it_has_in_a_cohort(tmp_path):
    suite = Suite("s", {**SETTINGS, "training": {**SETTINGS["training"], "engine": "loop"}})
    both, alone = run(suite, tmp_path / "a"), run(suite, tmp_path / "b", seeds=[1])
    both = both[both["seed"] == 1].sort_values("metric", ignore_index=True)
    pd.testing.assert_frame_equal(both, alone.sort_values("metric", ignore_index=True))


def test_a_metric_without_meaning_here_is_a_row_with_the_reason(tmp_path):
    rows = run(Suite("s", SETTINGS), tmp_path, seeds=[0])
    mig = rows[rows["metric"] == "mig"]
    assert mig["value"].isna().all()
    assert mig["error"].tolist() == ["not applicable: digits has no ground-truth factors"]


def test_every_log_likelihood_says_how_the_data_was_binarised(tmp_path):
    digits = run(Suite("s", SETTINGS), tmp_path / "a", seeds=[0])
    gauss = run(Suite("s", SETTINGS), tmp_path / "b", dataset="gauss", seeds=[0])
    assert set(digits["binarisation"]) == {"dynamic"}
    assert set(gauss["binarisation"]) == {"none"}


def test_a_model_that_fails_in_training_is_rows_with_its_reason(workplace):
    (workplace / "own.py").write_text(
        "from vmi.models.vae import VAE\n"
        "class Breaks(VAE):\n"
        "    def objective(self, x, noise, step):\n"
        "        raise KeyError('no such thing')\n"
    )
    suite = Suite("s", {**SETTINGS, "models": ["own:Breaks"]})
    rows = run(suite, workplace, model="Breaks")
    assert rows["error"].str.contains("KeyError: 'no such thing'").all()
    assert len(rows) == 2 * len(suite.metrics)


def test_a_data_set_is_described(tmp_path):
    suite = Suite(
        "s", {**SETTINGS, "datasets": [{"dataset": "sprites-8", "grid": [3, 2, 4, 4, 4]}]}
    )
    stages.describe(suite, "sprites-8", tmp_path / "d.json")
    about = Namespace(**json.loads((tmp_path / "d.json").read_text()))
    assert about.train + about.evaluation == 3 * 2 * 4 * 4 * 4
    assert about.factors == {"shape": 3, "scale": 2, "orientation": 4, "x": 4, "y": 4}


def test_pictures_are_drawn_of_the_first_seed_of_each_model(tmp_path):
    suite = Suite("s", {**SETTINGS, "datasets": ["digits"], "models": ["vae"]})
    folder = tmp_path / "train" / "digits" / "vae" / "0-1"
    stages.train_cohort(suite, "digits", "vae", [0, 1], folder, quiet=True)
    stages.pictures(suite, tmp_path / "train", tmp_path / "pictures")
    drawn = sorted(path.name for path in (tmp_path / "pictures/digits/vae").iterdir())
    assert drawn == ["reconstructions.png", "samples.png", "traversals.png"]


@pytest.mark.parametrize("device", ["cuda:99", "warp-drive"])
def test_a_device_that_is_not_there_is_an_error_and_no_row(device, tmp_path):
    with pytest.raises(UserError, match=f"device '{device}'"):
        stages.train_cohort(Suite("s", SETTINGS), "digits", "vae", [0], tmp_path / "t", device)
    assert not (tmp_path / "t").exists()
