"""A job that is killed or asked to end goes on where it was: as a stage, and through Snakemake."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pandas as pd
import psutil
import pytest
import yaml
from running import ROOT, snakemake
from safetensors import safe_open

from vmi.__main__ import main
from vmi.suites.file import load_suite
from vmi.training.checkpoints import weights_file
from vmi.training.keeper import Keeper
from vmi.training.stream import BLOCK

SUITE = {
    "title": "T",
    "seeds": [0, 1],
    "datasets": ["digits"],
    "models": ["vmi-vae"],
    "metrics": ["elbo"],
    "pictures": ["samples"],
    "network": "dense-16",
    "latents": {"gaussian": 3, "categorical": [3], "informed": 1},
    "training": {"steps": 600, "batch_size": 32, "engine": "loop"},
}
CELL = "results/own/cells/digits/vmi-vae/0-1"
STAGE = ["cohort", "--suite", "own.yaml", "--task", "digits", "--method", "vmi-vae"]


def write(folder, **changes):
    folder.mkdir(exist_ok=True)
    (folder / "own.yaml").write_text(yaml.safe_dump({**SUITE, **changes}))
    return folder


def start(folder):
    """Starts the job of the cohort in a process of its own."""
    shutil.rmtree(folder / CELL / "weights", ignore_errors=True)  # `training` goes by it
    return subprocess.Popen(
        [sys.executable, "-m", "vmi", *STAGE, "--seeds", "0-1", "--quiet"],
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(child):
    """The exit code of a job, and the lines it wrote."""
    _, text = child.communicate(timeout=500)
    return child.returncode, text.splitlines()


def training(folder, child):
    """Waits until the weights have a folder, which is just before the first step."""
    while child.poll() is None and not (folder / CELL / "weights").is_dir():
        time.sleep(0.01)


def state_of(folder):
    """The step of the first state that there is."""
    with safe_open(folder / CELL / "states/seed-0.safetensors", "pt") as file:
        note = yaml.safe_load(file.metadata()["note"])
    return note["runs"][0][0]


def same_end(one, other):
    """Whether two jobs ended with the same weights and history, byte for byte, and no state."""
    for seed in (0, 1):
        a, b = (weights_file(folder / CELL / "weights", seed) for folder in (one, other))
        assert a.read_bytes() == b.read_bytes()
    a, b = (folder / CELL / "history.csv" for folder in (one, other))
    assert a.read_bytes() == b.read_bytes()
    a, b = (pd.read_csv(f / CELL / "records.csv").drop(columns="seconds") for f in (one, other))
    pd.testing.assert_frame_equal(a, b, check_exact=True)
    return not (one / CELL / "states").exists()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The cohort, never stopped."""
    folder = write(tmp_path_factory.mktemp("whole"))
    assert ended(start(folder)) == (0, [])
    return folder


def test_a_job_that_is_asked_to_end_or_killed_goes_on(whole, tmp_path):
    folder, draw = write(tmp_path / "cut"), random.Random(0)
    child = start(folder)
    training(folder, child)
    time.sleep(0.2)
    child.terminate()
    code, lines = ended(child)
    assert code == 75
    assert len(lines) == 1
    assert lines[0].startswith("vmi: stopped: seed 0 at step ")
    assert lines[0].endswith("its state is in " + CELL + "/states/seed-0.safetensors")
    assert 0 < state_of(folder) < 600 and not (folder / CELL / "status.csv").exists()

    child = start(folder)
    training(folder, child)
    time.sleep(draw.uniform(0.5, 1.5))
    child.kill()
    ended(child)

    code, lines = ended(start(folder))
    assert code == 0
    assert lines[0].startswith("seed 0: goes on from step ")
    assert same_end(folder, whole)


def test_through_snakemake_a_killed_run_goes_on_and_more_steps_do_too(whole, tmp_path):
    """Snakemake takes away what a job made that is not done, but no state."""
    folder, done = write(tmp_path / "cut"), f"{CELL}/done"
    command = [sys.executable, "-m", "vmi", "run", "own.yaml", "--", done]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    with (tmp_path / "said").open("w") as said:
        child = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=said, stderr=said, start_new_session=True
        )
        training(folder, child)
        time.sleep(0.2)
        # As a scheduler does, to all that is of the job. Snakemake itself is no part of it: its
        # handler takes a lock that it may hold already, and then it never ends.
        for process in psutil.Process(child.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                if "vmi cohort" in " ".join(process.cmdline()):
                    process.terminate()
        assert child.wait(200) == 1
    log = folder / "results/own/logs/digits/vmi-vae/0-1.log"
    assert "vmi: stopped: seed 0 at step " in log.read_text()
    assert 0 < state_of(folder) < 600

    write(folder, keep_states=True)
    run = snakemake(folder, done, suite="own.yaml")
    assert run.returncode == 0, run.stderr
    assert "seed 0: goes on from step " in log.read_text()
    assert state_of(folder) == 600  # kept, as the suite asks for it

    write(folder, training={**SUITE["training"], "steps": 650})
    run = snakemake(folder, done, suite="own.yaml")
    assert run.returncode == 0, run.stderr
    assert "seed 1: goes on from step 600" in log.read_text()

    longer = write(tmp_path / "longer", training={**SUITE["training"], "steps": 650})
    assert ended(start(longer)) == (0, [])
    assert same_end(folder, longer)


def test_the_gaussian_vmi_vae_of_the_paper_goes_on_after_five_limits_in_a_row(
    workplace, monkeypatch, capsys
):
    """SIGTERM at every block, as if a scheduler's limit came: 75, which its profile tries again."""
    paper = load_suite("paper").settings
    entry = next(model for model in paper["models"] if model["name"] == "gaussian-vmi")
    own = {key: paper[key] for key in ("title", "likelihood", "latents", "training")}
    own["training"] |= {"steps": 5 * BLOCK + 10, "batch_size": 16}
    own |= {"seeds": [0], "metrics": ["elbo"], "models": [entry], "network": "serdega-2"}
    own["datasets"] = [{"dataset": "digits", "binarisation": "none"}]
    job = ["cohort", "--suite", "own.yaml", "--task", "digits", "--method", "gaussian-vmi"]
    job += ["--seeds", "0", "--quiet"]
    cell = workplace / "results/own/cells/digits/gaussian-vmi/0"
    (workplace / "own.yaml").write_text(yaml.safe_dump(own))
    assert main(job) == 0
    made = (weights_file(cell / "weights", 0), cell / "history.csv")
    whole = [path.read_bytes() for path in made]
    shutil.rmtree(cell)

    after_block = Keeper.after_block

    def limited(keeper, steps):
        os.kill(os.getpid(), signal.SIGTERM)
        after_block(keeper, steps)

    monkeypatch.setattr(Keeper, "after_block", limited)
    capsys.readouterr()
    assert [main(job) for _ in range(5)] == [75] * 5
    said = [line for line in capsys.readouterr().err.splitlines() if "vmi: stopped" in line]
    assert [f"at step {BLOCK * i}:" in line for i, line in enumerate(said, 1)] == [True] * 5
    monkeypatch.setattr(Keeper, "after_block", after_block)
    assert main(job) == 0
    assert [path.read_bytes() for path in made] == whole


def test_a_job_of_another_suite_or_other_files_begins_anew_and_says_so(tmp_path):
    (tmp_path / "mine.py").write_text(
        "from vmi.models.vae import VAE\n"
        "class M(VAE):\n"
        "    def __init__(self, *a, **k):\n"
        "        super().__init__(*a, **k)\n"
        "        self.scale = float(open('scale.txt').read())\n"
        "    def objective(self, x, noise, step):\n"
        "        terms = super().objective(x, noise, step)\n"
        "        return terms | {'loss': self.scale * terms['loss']}\n"
    )
    own = {"models": [{"name": "vmi-vae", "model": "mine:M"}]}
    for scale, rate, unlike in [
        ("1", 1e-3, ""),
        ("2", 1e-3, "files (scale.txt)"),
        ("2", 2e-3, "settings (training)"),
    ]:
        (tmp_path / "scale.txt").write_text(scale)
        write(tmp_path, **own, training={**SUITE["training"], "learning_rate": rate})
        child = start(tmp_path)
        training(tmp_path, child)
        time.sleep(0.2)
        child.terminate()
        code, lines = ended(child)
        assert code == 75, lines
        assert len(lines) == 1 + bool(unlike)
        if unlike:
            path = f"{CELL}/states/seed-0.safetensors"
            assert lines[0] == f"seed 0: begins anew: {path} is of other {unlike}"
