"""The whole way through Snakemake, and how little is done again after a change."""

import os
import re
import shutil
import subprocess
import sys

import pytest
import yaml
from running import ROOT, snakemake

from vmi import records
from vmi.suites.file import load_suite

pytestmark = pytest.mark.xdist_group("smoke")  # one worker, so that the suite is run once


def planned(folder, rule):
    """What a dry run would do: the wildcards of each job of a rule."""
    done = snakemake(folder, "--dry-run")
    assert done.returncode == 0, done.stderr
    pattern = rf"rule {rule}:\n(?:    .*\n)*?    wildcards: (.*)\n"
    return sorted(re.findall(pattern, done.stdout + done.stderr))


def rules(folder):
    """The rules that a dry run would run."""
    done = snakemake(folder, "--dry-run")
    assert done.returncode == 0, done.stderr
    return set(re.findall(r"^(?:local)?rule (\w+):$", done.stdout + done.stderr, re.M))


CLAIM = {
    "id": "more",
    "sentence": "The term raises the information.",
    "source": "here",
    "left": {"model": "vmi-vae", "metric": "information"},
    "is": "above",
    "right": {"model": "vae"},
}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The suite `smoke` with a claim and one more model, which diverges; run once."""
    folder = tmp_path_factory.mktemp("smoke")
    suite = yaml.safe_load((ROOT / "benchmarks" / "smoke.yaml").read_text())
    suite["models"].append({"name": "wild", "model": "vae", "training": {"learning_rate": 1e30}})
    suite["claims"] = [CLAIM]
    (folder / "suite.yaml").write_text(yaml.safe_dump(suite))
    done = snakemake(folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def project(finished):
    """The finished suite, whose file a test may change."""
    before = (finished / "suite.yaml").read_text()
    yield finished
    (finished / "suite.yaml").write_text(before)


def change(folder, **changes):
    suite = yaml.safe_load((folder / "suite.yaml").read_text())
    (folder / "suite.yaml").write_text(yaml.safe_dump({**suite, **changes}))


def test_every_cell_has_its_rows(finished):
    suite, rows = (
        load_suite(finished / "suite.yaml"),
        records.read(finished / "results/suite/records.csv"),
    )
    whole = rows[~rows["metric"].str.contains("/")]
    cells = {tuple(cell) for cell in whole[["dataset", "model", "seed", "metric"]].to_numpy()}
    assert cells == {
        (dataset, model, seed, metric)
        for dataset in suite.datasets
        for model in suite.models
        for seed in suite.seeds
        for metric in suite.metrics
    }


def test_a_diverged_training_is_rows_with_the_reason_and_stops_nothing(finished):
    rows = records.read(finished / "results/suite/records.csv")
    wild = rows[rows["model"] == "wild"]
    assert wild["value"].isna().all()
    assert wild["error"].str.contains("not finite").all()
    assert rows.loc[rows["model"] != "wild", "value"].notna().all()


def test_a_diverged_training_keeps_its_last_good_state(finished):
    kept = finished / "results/suite/checkpoints/sprites/wild/0-1"
    assert sorted(path.name for path in kept.glob("*.safetensors")) == [
        "seed-0.safetensors",
        "seed-1.safetensors",
    ]


def test_the_page_tables_and_figures_are_there(finished):
    results = finished / "results/suite"
    page = (results / "report.html").read_text()
    assert "Smoke test" in page
    assert {path.suffix for path in (results / "tables").iterdir()} >= {".md", ".tex", ".csv"}
    assert list((results / "figures").glob("*.png"))
    for model in ("vae", "vmi-vae"):
        names = {path.stem for path in (results / "pictures/sprites" / model).glob("*.png")}
        assert names == {"reconstructions", "samples", "traversals"}


def test_nothing_is_left_to_do_the_second_time(finished):
    done = snakemake(finished)
    assert "Nothing to be done" in done.stdout + done.stderr


def test_a_new_metric_trains_and_encodes_nothing(project):
    change(project, metrics=[*load_suite(project / "suite.yaml").metrics, "iwae-20"])
    assert planned(project, "train") == planned(project, "encode") == []
    evaluated = planned(project, "evaluate")
    assert len(evaluated) == 3
    assert all("family=likelihood" in wildcards for wildcards in evaluated)


def test_a_new_picture_draws_every_cell_and_trains_nothing(project):
    change(project, pictures=["samples", "mine:own"])
    (project / "mine.py").write_text("def own(split):\n    return split.images[0]\n")
    assert planned(project, "train") == planned(project, "encode") == []
    cells = [f"dataset=sprites, model={m}" for m in ("vae", "vmi-vae", "wild")]
    assert planned(project, "pictures") == cells
    assert "rule report" in snakemake(project, "--dry-run").stdout


def test_a_changed_setting_trains_that_model_alone(project):
    models = load_suite(project / "suite.yaml").settings["models"]
    models[1] = {"name": "vmi-vae", "model": "vmi-vae", "gaussian_weight": 0.2}
    change(project, models=models)
    assert planned(project, "train") == ["dataset=sprites, model=vmi-vae, cohort=0-1"]


def test_a_new_seed_trains_that_seed_alone(project):
    change(project, seeds=[0, 1, 2])
    cohorts = [f"dataset=sprites, model={m}, cohort=2" for m in ("vae", "vmi-vae", "wild")]
    assert planned(project, "train") == cohorts
    assert len(planned(project, "compare")) == 3  # what compares seeds speaks of all of them


def vmi(folder, *arguments):
    """Runs the command line in a folder, as a user would."""
    done = subprocess.run(
        [sys.executable, "-m", "vmi", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def restored(finished, tmp_path_factory):
    """Another checkout, which took back what the finished one published."""
    folder = tmp_path_factory.mktemp("restored")
    vmi(finished, "publish", "--suite", "suite.yaml", "--cells")
    shutil.copytree(finished / "results/published", folder / "results/published")
    shutil.copy(finished / "suite.yaml", folder)
    assert vmi(folder, "restore", "--suite", "suite.yaml").startswith("took back 3 of the 3 cells")
    touched = snakemake(folder, "--touch", "--forceall")
    assert touched.returncode == 0, touched.stderr
    return folder


def test_a_restored_suite_makes_the_same_report_and_trains_nothing(finished, restored):
    assert not {*planned(restored, "train"), *planned(restored, "evaluate")}
    assert planned(restored, "pictures") == []
    done = snakemake(restored)
    assert done.returncode == 0, done.stderr
    assert not (restored / "results/suite/checkpoints").exists()
    for name in ("records.csv", "history.csv"):
        ours, theirs = (f / "results/suite" / name for f in (restored, finished))
        assert ours.read_text() == theirs.read_text()


def test_a_baseline_added_to_a_restored_suite_is_trained_alone(restored):
    models = load_suite(restored / "suite.yaml").settings["models"]
    change(restored, models=[*models, "info-vae"])
    assert planned(restored, "train") == ["dataset=sprites, model=info-vae, cohort=0-1"]


def test_a_change_to_a_restored_suite_is_noticed(restored):
    models = load_suite(restored / "suite.yaml").settings["models"]
    changed = {"name": "vmi-vae", "model": "vmi-vae", "gaussian_weight": 0.2}
    change(restored, models=[models[0], changed, models[2]])
    assert planned(restored, "train") == ["dataset=sprites, model=vmi-vae, cohort=0-1"]


def test_a_seed_taken_out_trains_nothing_and_leaves_no_row(project):
    change(project, seeds=[1])
    assert planned(project, "train") == planned(project, "evaluate") == []
    assert "rule records" in snakemake(project, "--dry-run").stdout


def test_a_new_title_writes_the_report_alone(project):
    change(project, title="Another")
    assert planned(project, "train") == planned(project, "evaluate") == []
    assert "rule report" in snakemake(project, "--dry-run").stdout


@pytest.mark.parametrize("changed", [{"margin": 0.1}, {"sentence": "It does."}])
def test_a_changed_claim_writes_the_report_alone(project, changed):
    assert "The term raises the information." in (project / "results/suite/claims.md").read_text()
    change(project, claims=[{**CLAIM, **changed}])
    assert rules(project) == {"report", "default"}


def test_a_group_or_an_arm_of_a_model_writes_the_report_alone(project):
    _, *others = load_suite(project / "suite.yaml").settings["models"]
    change(project, models=[{"model": "vae", "group": "G", "arm": "A"}, *others])
    assert rules(project) == {"report", "default"}


def test_data_described_anew_trains_nothing(project):
    about = project / "results/suite/data/sprites.json"
    about.write_text(about.read_text() + "\n")
    assert planned(project, "train") == []
    assert "rule report" in snakemake(project, "--dry-run").stdout


def test_another_suite_of_the_same_name_is_refused(project):
    (project / "other").mkdir()
    text = (project / "suite.yaml").read_text().replace("seeds:\n- 0", "seeds:\n- 5")
    (project / "other" / "suite.yaml").write_text(text)
    done = snakemake(project, suite="other/suite.yaml")
    assert done.returncode == 2
    assert "holds the results of suite.yaml" in done.stderr


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"models": ["vea"]}, "did you mean 'vae'"),  # seen while Snakemake reads the suite
        # Seen before the first job starts.
        ({"models": ["vae", "vmi-vae", "absent:MyVAE"]}, "does not import"),
    ],
)
def test_snakemake_too_ends_with_one_line_and_exit_code_2(project, changes, said):
    change(project, **changes)
    done = snakemake(project, "--quiet", "all")
    assert done.returncode == 2
    errors = [line for line in done.stderr.splitlines() if line.startswith("vmi: error")]
    assert len(errors) == 1
    assert said in errors[0]


# ---------------------------------------------------------------- estimators


MEAN = """
def mean(x, y):
    return float((x[:, 0] * y[:, 0]).mean())
"""


@pytest.fixture(scope="module")
def estimated(tmp_path_factory):
    """The suite `estimators-smoke` with a user's own estimator; run once."""
    folder = tmp_path_factory.mktemp("estimators")
    suite = yaml.safe_load((ROOT / "benchmarks" / "estimators-smoke.yaml").read_text())
    suite["estimators"].append("mine:mean")
    (folder / "suite.yaml").write_text(yaml.safe_dump(suite))
    (folder / "mine.py").write_text(MEAN)
    done = snakemake(folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def estimates(estimated):
    """The finished suite of estimators, whose files a test may change."""
    before = {name: (estimated / name).read_text() for name in ("suite.yaml", "mine.py")}
    yield estimated
    for name, text in before.items():
        (estimated / name).write_text(text)


def jobs(estimator):
    return [f"group={group}, estimator={estimator}" for group in ("normal", "pictures")]


def test_every_task_size_estimator_and_seed_has_its_row(estimated):
    rows = records.read(estimated / "results/suite/records.csv")
    keys = rows[["dataset", "n", "model", "seed"]]
    assert len(rows) == len(keys.drop_duplicates()) == 2 * 2 * 4 * 2
    assert set(rows["model"]) == {"ksg-3", "cca", "infonce", "mean"}
    assert rows["value"].notna().all()
    assert rows["truth"].notna().all()


def test_the_page_of_the_estimators_is_there(estimated):
    results = estimated / "results/suite"
    assert "Smoke test of estimators" in (results / "report.html").read_text()
    assert list((results / "figures").glob("*.png"))
    assert not (results / "verify.csv").exists()


def test_no_estimate_is_made_a_second_time(estimated):
    done = snakemake(estimated)
    assert "Nothing to be done" in done.stdout + done.stderr


def test_a_new_estimator_runs_its_own_jobs_alone(estimates):
    named = load_suite(estimates / "suite.yaml").estimators
    change(estimates, estimators=[*named, "ksg-10"])
    assert planned(estimates, "estimate") == jobs("ksg-10")


def test_an_estimator_taken_out_runs_nothing_and_leaves_no_row(estimates):
    change(estimates, estimators=["ksg-3", "cca", "infonce"])
    assert planned(estimates, "estimate") == []
    assert "rule records" in snakemake(estimates, "--dry-run").stdout


def test_an_edit_in_an_estimators_file_runs_its_own_jobs_alone(estimates):
    (estimates / "mine.py").write_text(MEAN + "MORE = 1\n")
    assert planned(estimates, "estimate") == jobs("mean")


def test_a_new_group_runs_itself_alone(estimates):
    groups = load_suite(estimates / "suite.yaml").tasks
    change(estimates, tasks={**groups, "more": ["dense-2"]})
    planned_ = planned(estimates, "estimate")
    assert len(planned_) == 4
    assert all("group=more" in wildcards for wildcards in planned_)


def test_the_known_answers_are_gone_through_where_the_suite_does_not_say_no(estimates):
    change(estimates, verify=True)
    said = snakemake(estimates, "--dry-run").stdout
    assert "rule verify" in said
    assert "rule estimate" not in said
