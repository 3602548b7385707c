"""The whole way through Snakemake, and how little is done again after a change."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from vmi import records
from vmi.suite import load_suite

ROOT = Path(__file__).parent.parent


def snakemake(folder, *arguments, suite="suite.yaml"):
    """Runs Snakemake in a folder of its own on the two cores, as a user would."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile")]
    command += [
        "--directory",
        str(folder),
        "--cores",
        "2",
        *arguments,
        "--config",
        f"suite={suite}",
    ]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env=environment, timeout=500
    )


def planned(folder, rule):
    """What a dry run would do: the wildcards of each job of a rule."""
    done = snakemake(folder, "--dry-run")
    assert done.returncode == 0, done.stderr
    pattern = rf"rule {rule}:\n(?:    .*\n)*?    wildcards: (.*)\n"
    return sorted(re.findall(pattern, done.stdout + done.stderr))


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The suite `smoke` with one more model, which diverges; run once."""
    folder = tmp_path_factory.mktemp("smoke")
    suite = yaml.safe_load((ROOT / "benchmarks" / "smoke.yaml").read_text())
    suite["models"].append({"name": "wild", "model": "vae", "training": {"learning_rate": 1e30}})
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
    kept = finished / "results/suite/train/sprites/wild/0-1"
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
        names = {path.stem for path in (results / "pictures/sprites" / model).iterdir()}
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


def test_a_changed_setting_trains_that_model_alone(project):
    models = load_suite(project / "suite.yaml").settings["models"]
    models[1] = {"name": "vmi-vae", "model": "vmi-vae", "gaussian_weight": 0.2}
    change(project, models=models)
    assert planned(project, "train") == ["dataset=sprites, model=vmi-vae, cohort=0-1"]


def test_a_new_seed_trains_that_seed_alone(project):
    change(project, seeds=[0, 1, 2])
    cohorts = [f"dataset=sprites, model={m}, cohort=2" for m in ("vae", "vmi-vae", "wild")]
    assert planned(project, "train") == cohorts


def test_a_new_title_writes_the_report_alone(project):
    change(project, title="Another")
    assert planned(project, "train") == planned(project, "evaluate") == []
    assert "rule report" in snakemake(project, "--dry-run").stdout


def test_data_described_anew_trains_nothing(project):
    (project / "results/suite/data/sprites.json").unlink()
    assert planned(project, "data") == ["dataset=sprites"]
    assert planned(project, "train") == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"models": ["vea"]}, "did you mean 'vae'"),  # seen while Snakemake reads the suite
        ({"models": ["absent:MyVAE"]}, "does not import"),  # seen before the first job starts
    ],
)
def test_snakemake_too_ends_with_one_line_and_exit_code_2(project, changes, said):
    change(project, **changes)
    done = snakemake(project, "--quiet", "all")
    assert done.returncode == 2
    errors = [line for line in done.stderr.splitlines() if line.startswith("vmi: error")]
    assert len(errors) == 1
    assert said in errors[0]


def test_the_paper_suite_dry_runs(tmp_path):
    done = snakemake(tmp_path, "--dry-run", suite="paper")
    assert done.returncode == 0
    assert "train" in done.stdout + done.stderr


def blocks(language):
    text = (ROOT / "CONTRIBUTING.md").read_text()
    return re.findall(rf"```{language}\n(.*?)```", text, re.S)


def test_the_contributors_guide_works_to_the_letter(tmp_path):
    (code,), (suite,) = blocks("python"), blocks("yaml")
    assert len((code + suite).splitlines()) < 40
    (tmp_path / "mine.py").write_text(code)
    (tmp_path / "mine.yaml").write_text(suite)
    done = snakemake(tmp_path, suite="mine.yaml")
    assert done.returncode == 0, done.stderr
    rows = records.read(tmp_path / "results/mine/records.csv")
    own = rows[(rows["model"] == "capacity-3") & (rows["dataset"] == "stripes")]
    assert own.loc[own["metric"] == "spread", "value"].notna().all()
    page = (tmp_path / "results/mine/report.html").read_text()
    tables = (tmp_path / "results/mine/tables/complete.md").read_text()
    for name in ("capacity-3", "stripes", "spread"):
        assert name in page
        assert name in tables
    shutil.rmtree(tmp_path / "results")
