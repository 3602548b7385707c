"""The whole way through Snakemake, and how little is done again after a change."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass

import pytest
import yaml
from running import ROOT, snakemake

from vmi import records
from vmi.suites.file import load_suite


@dataclass(frozen=True)
class Plan:
    """What a dry run would do.

    Attributes:
        rules: The names of the rules that would run.
        cohorts: What would be done of each cohort, "vae on sprites, seeds 0-1": ["measure"].
    """

    rules: set[str]
    cohorts: dict[str, list[str]]


def planned(folder) -> Plan:
    """Reads one dry run."""
    done = snakemake(folder, "--dry-run")
    assert done.returncode == 0, done.stderr
    text = done.stdout + done.stderr
    cohorts = re.findall(r"^Job \d+: (.* seeds [\d+-]+): (.*)$", text, re.M)
    rules = set(re.findall(r"^(?:local)?rule (\w+):$", text, re.M))
    return Plan(rules, {which: stages.split(", ") for which, stages in cohorts})


def every(*stages, seeds="0-1", methods=("vae", "vmi-vae", "wild")):
    """The same stages of each cohort of the suite `smoke`."""
    return {f"{method} on sprites, seeds {seeds}": list(stages) for method in methods}


ALL = ("fit", "encode", "measure", "draw")
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


def settings(folder):
    return load_suite(folder / "suite.yaml").settings


def test_every_cell_has_its_rows(finished):
    suite = load_suite(finished / "suite.yaml")
    rows = records.read(finished / "results/suite/records.csv")
    whole = rows[~rows["measure"].str.contains("/")]
    cells = {tuple(cell) for cell in whole[["task", "method", "seed", "measure"]].to_numpy()}
    assert cells == {
        (task, method, seed, measure)
        for task in suite.tasks
        for method in suite.methods
        for seed in suite.seeds
        for measure in suite.measures
    }


def test_a_diverged_training_is_rows_with_the_reason_and_stops_nothing(finished):
    rows = records.read(finished / "results/suite/records.csv")
    wild = rows[rows["method"] == "wild"]
    assert wild["value"].isna().all() and set(wild["state"]) == {"failed"}
    assert wild["error"].str.contains("not finite").all()
    assert rows.loc[rows["method"] != "wild", "value"].notna().all()


def test_a_diverged_training_keeps_its_last_good_state(finished):
    kept = finished / "results/suite/cells/sprites/wild/0-1/weights"
    names = [f"seed-{seed}.safetensors" for seed in (0, 1)]
    assert sorted(path.name for path in kept.iterdir()) == names


def test_the_page_tables_and_figures_are_there(finished):
    results = finished / "results/suite"
    page = (results / "report.html").read_text()
    assert "Smoke test" in page
    assert {path.suffix for path in (results / "tables").iterdir()} >= {".md", ".tex", ".csv"}
    assert list((results / "figures").glob("*.png"))
    for method in ("vae", "vmi-vae"):
        cell = results / "cells/sprites" / method / "0-1"
        names = {path.stem for path in (cell / "pictures").glob("*.png")}
        assert names == {"reconstructions", "samples", "traversals"}


def test_nothing_is_left_to_do_the_second_time(finished):
    done = snakemake(finished)
    assert "Nothing to be done" in done.stdout + done.stderr


def test_a_new_metric_is_measured_and_no_more(project):
    change(project, metrics=[*settings(project)["metrics"], "iwae-20"])
    assert planned(project).cohorts == every("measure")


def test_a_new_picture_is_drawn_of_every_cell_and_no_more(project):
    change(project, pictures=["samples", "mine:own"])
    (project / "mine.py").write_text("def own(split):\n    return split.images[0]\n")
    plan = planned(project)
    assert plan.cohorts == every("draw")
    assert "report" in plan.rules


def test_a_changed_setting_trains_that_model_alone(project):
    models = settings(project)["models"]
    models[1] = {"name": "vmi-vae", "model": "vmi-vae", "gaussian_weight": 0.2}
    change(project, models=models)
    assert planned(project).cohorts == every(*ALL, methods=["vmi-vae"])


def test_a_new_seed_trains_that_seed_alone(project):
    change(project, seeds=[0, 1, 2])
    plan = planned(project)
    assert plan.cohorts == every(*ALL, seeds="2")
    assert "compare" in plan.rules  # what compares seeds speaks of all of them


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


def taken_back(finished, folder):
    """Another checkout, which took back what the finished one published."""
    vmi(finished, "publish", "--suite", "suite.yaml", "--cells")
    shutil.copytree(finished / "results/published", folder / "results/published")
    for path in (*finished.glob("suite.yaml"), *finished.glob("mine.py")):
        shutil.copy(path, folder)
    text = vmi(folder, "restore", "--suite", "suite.yaml")
    touched = snakemake(folder, "--touch", "--forceall")
    assert touched.returncode == 0, touched.stderr
    return text


@pytest.fixture(scope="module")
def restored(finished, tmp_path_factory):
    folder = tmp_path_factory.mktemp("restored")
    assert taken_back(finished, folder).startswith("took back 3 of the 3 cells")
    return folder


def test_a_restored_suite_makes_the_same_report_and_trains_nothing(finished, restored):
    plan = planned(restored)
    assert not plan.cohorts
    assert plan.rules == {"gather", "report", "default"}
    done = snakemake(restored)
    assert done.returncode == 0, done.stderr
    assert not list((restored / "results/suite").rglob("*.safetensors"))
    for name in ("records.csv", "history.csv"):
        ours, theirs = (f / "results/suite" / name for f in (restored, finished))
        assert ours.read_text() == theirs.read_text()


def test_a_change_to_a_restored_suite_is_noticed_and_a_new_baseline_trained_alone(restored):
    models = settings(restored)["models"]
    changed = {"name": "vmi-vae", "model": "vmi-vae", "gaussian_weight": 0.2}
    change(restored, models=[models[0], changed, models[2], "info-vae"])
    assert planned(restored).cohorts == every(*ALL, methods=["vmi-vae", "info-vae"])


def test_a_seed_taken_out_trains_nothing_and_leaves_no_row(project):
    change(project, seeds=[1])
    plan = planned(project)
    # The first seed, of which the pictures are, is another now.
    assert all(stages in (["nothing"], ["draw"]) for stages in plan.cohorts.values())
    assert "gather" in plan.rules


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Another", "headline": ["mig"]},
        {"claims": [{**CLAIM, "margin": 0.1, "sentence": "It does."}]},
        {"models": [{"model": "vae", "label": "L", "group": "G", "variant": "A"}]},
    ],
    ids=["title and headline", "claim", "label, group and variant"],
)
def test_what_is_for_the_reader_alone_writes_the_report_alone(project, changes):
    assert "The term raises the information." in (project / "results/suite/claims.md").read_text()
    if "models" in changes:
        changes = {"models": [*changes["models"], *settings(project)["models"][1:]]}
    change(project, **changes)
    plan = planned(project)
    assert (plan.rules, plan.cohorts) == ({"report", "default"}, {})


def test_data_described_anew_trains_nothing(project):
    facts = project / "results/suite/data/sprites.json"
    facts.write_text(facts.read_text() + "\n")
    plan = planned(project)
    assert (plan.rules, plan.cohorts) == ({"report", "default"}, {})


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
    change(project, claims=[{**CLAIM, "left": {"model": "vae", "metric": "mig"}, "right": 0}])
    change(project, **changes)
    done = snakemake(project, "--quiet", "all")
    assert done.returncode == 2
    errors = [line for line in done.stderr.splitlines() if line.startswith("vmi: error")]
    assert len(errors) == 1
    assert said in errors[0]


# ---------------------------------------------------------------- estimators


MEAN = """
def mean(x, y):
    with open("scale.txt") as file:
        return float(file.read()) * float((x[:, 0] * y[:, 0]).mean())
"""


@pytest.fixture(scope="module")
def estimated(tmp_path_factory):
    """The suite `estimators-smoke` with a user's own estimator and a claim; run once."""
    folder = tmp_path_factory.mktemp("estimators")
    suite = yaml.safe_load((ROOT / "benchmarks" / "estimators-smoke.yaml").read_text())
    suite["estimators"].append("mine:mean")
    left = {"estimator": "ksg-3"}
    suite["claims"] = [{**CLAIM, "left": left, "is": "within", "right": "truth", "margin": 5}]
    (folder / "suite.yaml").write_text(yaml.safe_dump(suite))
    (folder / "mine.py").write_text(MEAN)
    (folder / "scale.txt").write_text("1")
    done = snakemake(folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def estimates(estimated):
    """The finished suite of estimators, whose files a test may change."""
    names = ("suite.yaml", "mine.py", "scale.txt")
    before = {name: (estimated / name).read_text() for name in names}
    yield estimated
    for name, text in before.items():
        (estimated / name).write_text(text)


def jobs(method, groups=("normal", "pictures")):
    return {f"{method} on {group}, seeds 0-1": ["answer"] for group in groups}


def test_every_task_size_estimator_and_seed_has_its_row(estimated):
    rows = records.read(estimated / "results/suite/records.csv")
    keys = rows[["task", "size", "method", "seed"]]
    assert len(rows) == len(keys.drop_duplicates()) == 2 * 2 * 4 * 2
    assert set(rows["method"]) == {"ksg-3", "cca", "infonce", "mean"}
    assert rows["value"].notna().all()
    assert rows["truth"].notna().all()


def test_the_page_of_the_estimators_is_there_with_its_claim(estimated):
    results = estimated / "results/suite"
    assert "Smoke test of estimators" in (results / "report.html").read_text()
    assert "holds" in (results / "claims.md").read_text()
    assert list((results / "figures").glob("*.png"))
    assert not (results / "verify.csv").exists()


def test_no_estimate_is_made_a_second_time(estimated):
    done = snakemake(estimated)
    assert "Nothing to be done" in done.stdout + done.stderr


def test_a_new_estimator_and_a_new_group_run_their_own_jobs_alone(estimates):
    suite = settings(estimates)
    change(estimates, estimators=[*suite["estimators"], "ksg-10"])
    assert planned(estimates).cohorts == jobs("ksg-10")
    change(estimates, estimators=suite["estimators"], tasks={**suite["tasks"], "more": ["dense-2"]})
    methods = ("ksg-3", "cca", "infonce", "mean")
    wanted = {key: stages for m in methods for key, stages in jobs(m, ["more"]).items()}
    assert planned(estimates).cohorts == wanted


def test_an_estimator_taken_out_runs_nothing_and_leaves_no_row(estimates):
    change(estimates, estimators=["ksg-3", "cca", "infonce"])
    plan = planned(estimates)
    assert not plan.cohorts
    assert "gather" in plan.rules


def test_an_edit_in_an_estimators_file_runs_its_own_jobs_alone(estimates):
    (estimates / "mine.py").write_text(MEAN + "MORE = 1\n")
    assert planned(estimates).cohorts == jobs("mean")


def test_an_edit_of_a_file_that_an_estimator_reads_runs_its_own_jobs_alone(estimates):
    (estimates / "scale.txt").write_text("2")
    assert planned(estimates).cohorts == jobs("mean")


def test_estimates_are_published_and_taken_back(estimated, tmp_path):
    assert taken_back(estimated, tmp_path).startswith("took back 8 of the 8 cells")
    plan = planned(tmp_path)
    assert not plan.cohorts
    assert plan.rules == {"gather", "report", "default"}


def test_the_known_answers_are_gone_through_where_the_suite_does_not_say_no(estimates):
    change(estimates, verify=True)
    plan = planned(estimates)
    assert "verify" in plan.rules
    assert not plan.cohorts
