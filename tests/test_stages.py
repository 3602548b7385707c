"""Stages read files and write files, the same ones every time."""

import json
from argparse import Namespace

import pandas as pd
import pytest
import torch

from vmi import records
from vmi.data.dataset import from_arrays
from vmi.errors import UserError
from vmi.stages import evaluate as evaluation
from vmi.stages import fit as stages
from vmi.suites.cohorts import parse_cohort
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


def run(suite, folder, dataset="digits", model="vmi-vae", seeds=(0, 1)):
    """Trains, encodes and evaluates one cohort; returns its records but for the seconds."""
    where = (suite, dataset, model, list(seeds))
    left = (folder / "train", folder / "checkpoints")
    stages.train_cohort(*where, *left, quiet=True)
    stages.encode_codes(*where, *left, folder / "codes")
    for family in suite.families():
        places = (*left, folder / "codes", family, folder / f"{family}.csv")
        evaluation.evaluate(*where, *places, quiet=True)
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


def compared(suite, folder, cohorts):
    where = (suite, "digits", "vae")
    for cohort in cohorts:
        left = (folder / f"train-{cohort}", folder / f"checkpoints-{cohort}")
        stages.train_cohort(*where, parse_cohort(cohort), *left, quiet=True)
        stages.encode_codes(*where, parse_cohort(cohort), *left, folder / f"codes-{cohort}")
    folders = ([folder / f"{kind}-{c}" for c in cohorts] for kind in ("train", "codes"))
    evaluation.compare(*where, *folders, folder / "seeds.csv")
    return records.read(folder / "seeds.csv").drop(columns="seconds")


def test_seeds_are_compared_across_cohorts(tmp_path):
    suite = Suite("s", {**SETTINGS, "seeds": [0, 1, 2], "metrics": ["udr-spearman"]})
    apart = compared(suite, tmp_path / "a", ["0-1", "2"])
    assert apart["seed"].tolist() == [0, 1, 2]
    assert apart["value"].between(0, 1).all() and apart["n"].nunique() == 1
    whole = compared(suite, tmp_path / "b", ["0-2"])
    assert whole["value"].tolist() == pytest.approx(apart["value"].tolist(), abs=1e-4)


def test_a_seed_that_broke_has_its_reason_and_the_others_are_compared(tmp_path):
    suite = Suite("s", {**SETTINGS, "seeds": [0, 1, 2, 3], "metrics": ["udr"]})
    cohort, left = (suite, "digits", "vae", [0, 1, 2]), (tmp_path / "train", tmp_path / "weights")
    stages.train_cohort(*cohort, *left, quiet=True)
    stages.encode_codes(*cohort, *left, tmp_path / "c")
    status = tmp_path / "train" / "status.csv"
    rows = pd.read_csv(status, dtype=str, keep_default_na=False)
    rows.loc[1, "error"] = "broke at step 7"
    rows.to_csv(status, index=False)
    output = tmp_path / "seeds.csv"
    evaluation.compare(suite, "digits", "vae", [tmp_path / "train"], [tmp_path / "c"], output)
    made = records.read(output).set_index("seed")
    assert made["error"].tolist() == ["", "broke at step 7", ""]
    assert made["value"].notna().tolist() == [True, False, True]


def test_one_seed_has_nothing_to_be_compared_with(tmp_path):
    suite = Suite("s", {**SETTINGS, "seeds": [0], "metrics": ["udr"]})
    (error,) = compared(suite, tmp_path, ["0"])["error"]
    assert error.startswith("not applicable: UDR compares seeds")


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


def test_the_log_likelihood_is_of_as_many_images_as_the_suite_says(tmp_path):
    rows = run(Suite("s", {**SETTINGS, "likelihood_images": 7}), tmp_path, seeds=[0])
    n = rows.set_index("metric")["n"]
    assert n["elbo"] == n["iwae-5"] == 7 < n["information"]


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


@pytest.mark.parametrize("device", ["cuda:99", "warp-drive"])
def test_a_device_that_is_not_there_is_an_error_and_no_row(device, tmp_path):
    cohort, left = (Suite("s", SETTINGS), "digits", "vae", [0]), (tmp_path / "t", tmp_path / "w")
    with pytest.raises(UserError, match=f"device '{device}'"):
        stages.train_cohort(*cohort, *left, device)
    assert not (tmp_path / "t").exists()


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


def test_a_model_whose_terms_are_not_scalars_is_rows_with_the_reason(workplace):
    (workplace / "own.py").write_text(
        "from vmi.models.vae import VAE\n"
        "class PerImage(VAE):\n"
        "    def objective(self, x, noise, step):\n"
        "        return {'loss': x.flatten(1).sum(1) * next(self.parameters()).sum()}\n"
    )
    rows = run(Suite("s", {**SETTINGS, "models": ["own:PerImage"]}), workplace, model="PerImage")
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
def test_a_model_that_the_trainer_cannot_use_is_refused(body, said, workplace):
    (workplace / "own_model.py").write_text(body + "\n")
    with pytest.raises(UserError, match=said):
        stages.check(Suite("s", {**SETTINGS, "models": ["own_model:M"], "datasets": ["digits"]}))


def test_a_model_that_looks_at_its_weights_while_it_is_made_passes_the_check(workplace):
    (workplace / "looks.py").write_text(
        "from vmi.models.vae import VAE\n"
        "class Looks(VAE):\n"
        "    def __init__(self, *a, **k):\n"
        "        super().__init__(*a, **k)\n"
        "        self.first = next(self.parameters()).sum().item()\n"
    )
    stages.check(Suite("s", {**SETTINGS, "models": ["looks:Looks"], "datasets": ["digits"]}))


def test_a_model_with_one_network_under_two_names_trains_in_the_loop(workplace):
    (workplace / "twice.py").write_text(
        "from vmi.models.vae import VAE\n"
        "class Twice(VAE):\n"
        "    def __init__(self, *a, **k):\n"
        "        super().__init__(*a, **k)\n"
        "        self.other = self.decoder\n"
    )
    rows = run(Suite("s", {**SETTINGS, "models": ["twice:Twice"]}), workplace, model="Twice")
    assert rows.loc[rows["metric"] == "elbo", "value"].notna().all()
