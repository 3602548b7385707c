"""`vmi run`: from any folder, one at a time, after a run that was killed, and out of a wheel."""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile

import pytest
import yaml
from running import ROOT

from vmi import records
from vmi.__main__ import main
from vmi.commands.run import environment
from vmi.errors import UserError
from vmi.stages.lock import claim, hold, noted
from vmi.suites.file import load_suite

MARKED = "{x} <b>&amp;| $\\_ * `c` $y$"
PLUGIN = """
import os, sys
import vmi
@vmi.card(name="{m} <i> $\\\\q$", heading="H {h} <b>", reading="R {r} $")
def exits(codes):
    print("printed by a plug-in")
    sys.exit("and gone")
def dies(codes):
    os._exit(0)
"""
SUITE = {
    "title": MARKED,
    "description": MARKED,
    "seeds": [0],
    "datasets": [{"dataset": "digits", "label": f"[{MARKED}"}],
    "models": [{"model": "vae", "name": "v", "label": f"* {MARKED}"}, "vae"],
    "metrics": ["elbo", "mine:exits"],
    "pictures": ["reconstructions"],
    "latents": {"gaussian": 2},
    "training": {"steps": 20, "batch_size": 16},
    "claims": [
        {
            "id": "a",
            "sentence": MARKED,
            "source": MARKED,
            "left": {"model": "v", "metric": "elbo"},
            "is": "above",
            "right": {"model": "vae"},
        }
    ],
}


def write(folder, **changes):
    (folder / "mine.py").write_text(PLUGIN)
    suite = {key: value for key, value in {**SUITE, **changes}.items() if value is not None}
    (folder / "own.yaml").write_text(yaml.safe_dump(suite))


def start(folder, *arguments, path=ROOT):
    """Starts a run in a folder, with the package that lies at a path."""
    return subprocess.Popen(
        [sys.executable, "-m", "vmi", "run", *arguments],
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def run(folder, *arguments, path=ROOT):
    """The exit code of a run, and what it says."""
    child = start(folder, *arguments, path=path)
    text, _ = child.communicate(timeout=300)
    return child.returncode, text


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A suite full of markup, in a folder of its own with braces in its name; run once."""
    folder = tmp_path_factory.mktemp("a {b} c")
    write(folder)
    code, text = run(folder, "own.yaml", "--cores", "2")
    assert code == 0, text
    return folder, text


def test_a_run_ends_with_the_path_of_the_page(finished):
    folder, text = finished
    assert text.splitlines()[-1] == "results/own/report.html"
    assert (folder / "results/own/report.html").is_file()


def test_a_second_run_does_nothing_and_says_where_the_page_is(finished):
    code, text = run(finished[0], "own.yaml", "--", "--quiet", "host")
    assert code == 0
    assert "Nothing to be done" in text
    assert text.splitlines()[-1] == "results/own/report.html"


def test_markup_comes_out_as_it_was_written(finished):
    results = finished[0] / "results/own"
    page = (results / "report.html").read_text()
    shown = "{x} &lt;b&gt;&amp;amp;| $\\_ * `c` $y$"
    assert f"<title>{shown}</title>" in page and f"<p>{shown}</p>" in page
    assert "<b>&amp;|" not in page and "<i> $" not in page
    table, claims = ((results / n).read_text() for n in ("tables/headline.md", "claims.md"))
    escaped = r"\{x\} \<b\>\&amp;\| \$\\\_ \* \`c\` \$y\$"
    for text in (table, claims):
        assert escaped in text
        assert not re.search(r"(?<!\\)[$<{](?!sup>|/sup>)", text)
    latex = (results / "tables/headline.tex").read_text()
    assert r"\{x\} \textless{}b\textgreater{}\&amp;\textbar{} \$\textbackslash{}\_" in latex
    assert "    {[}" in latex and "& {*} " in latex  # no option of the line before
    assert MARKED in (results / "tables/headline.txt").read_text()
    assert list((results / "figures").glob("*.png"))


def test_a_plug_in_that_prints_and_exits_is_a_row_and_a_line_of_the_log(finished):
    folder, text = finished
    rows = records.read(folder / "results/own/records.csv")
    exits = rows[rows["measure"] == "exits"]
    assert set(exits["state"]) == {"failed"} and set(exits["error"]) == {"SystemExit: and gone"}
    assert "printed by a plug-in" not in text
    assert "printed by a plug-in" in (folder / "results/own/logs/digits/v/0.log").read_text()


def test_a_job_that_a_plug_in_ends_has_failed_and_its_log_is_shown(tmp_path):
    write(tmp_path, metrics=["mine:dies"], models=["vae"], claims=None)
    code, text = run(tmp_path, "own.yaml")
    assert code == 1
    log = text.partition("Logfile")[2]
    assert "vae: measure" in log and "vae: draw" not in log
    assert "report.html" not in text.splitlines()[-1]


def test_a_run_goes_on_after_one_that_was_killed(tmp_path):
    write(tmp_path, training={"steps": 100_000, "batch_size": 16})
    child = start(tmp_path, "own.yaml")
    log = tmp_path / "results/own/logs/digits/v/0.log"
    for _ in range(300):
        if log.is_file() and "fit" in log.read_text():
            break
        time.sleep(0.2)
    code, text = run(tmp_path, "own.yaml")  # beside it
    assert code == 2
    assert text.startswith("vmi: error: results/own: another run is at work here (process ")
    assert text.count("\n") == 1
    os.killpg(child.pid, signal.SIGKILL)
    child.communicate()
    write(tmp_path)
    code, text = run(tmp_path, "own.yaml", "--", "results/own/cells/digits/v/0/done")
    assert code == 0, text


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The package as a wheel installs it, without the clone."""
    clone, site = tmp_path_factory.mktemp("clone"), tmp_path_factory.mktemp("site")
    for name in ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "Snakefile"):
        shutil.copy(ROOT / name, clone)
    shutil.copy(ROOT / "environment.yml", clone)
    for name in ("vmi", "workflow", "profiles", "benchmarks"):
        shutil.copytree(ROOT / name, clone / name)
    build = "from setuptools import build_meta; build_meta.build_wheel('dist')"
    command = [sys.executable, "-W", "ignore", "-c", build]
    done = subprocess.run(command, cwd=clone, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (built,) = (clone / "dist").glob("*.whl")
    zipfile.ZipFile(built).extractall(site)
    shutil.rmtree(clone)
    return site


def test_a_wheel_holds_what_a_suite_is_run_with(wheel):
    inside = {str(p.relative_to(wheel / "vmi/clone")) for p in (wheel / "vmi/clone").rglob("*.*")}
    here = [*ROOT.glob("workflow/*/*.*"), *ROOT.glob("benchmarks/*.yaml")]
    here += ROOT.glob("profiles/*/*.yaml")
    assert inside == {"environment.yml", *(str(path.relative_to(ROOT)) for path in here)}


@pytest.mark.parametrize("suite", ["smoke", "own.yaml"])
def test_a_wheel_runs_suites(wheel, tmp_path, suite):
    write(tmp_path)
    code, text = run(tmp_path, suite, "-n", path=wheel)
    assert code == 0, text
    assert f"{wheel}/vmi/clone/Snakefile" in text
    assert "seeds 0" in text and "fit, encode, measure, draw" in text


# ---------------------------------------------------------------- without Snakemake


def test_a_folder_is_held_by_one_at_a_time_whatever_it_is_called(tmp_path):
    (tmp_path / "other").symlink_to(tmp_path / "results")
    with hold(tmp_path / "results" / "s"):
        for name in ("results", "other"):
            with pytest.raises(UserError, match=f"another run .*process {os.getpid()}"):
                hold(tmp_path / name / "s")
    hold(tmp_path / "other" / "s").close()


def test_a_job_waits_for_one_that_its_run_left_behind(tmp_path, capsys):
    first = hold(tmp_path)
    ends = threading.Timer(0.3, first.close)
    ends.start()
    with hold(tmp_path, wait=True):
        assert first.closed
    said = f"another run is at work here (process {os.getpid()}): waiting until it ends"
    assert capsys.readouterr().err == f"{tmp_path}: {said}\n"


def test_results_of_another_working_folder_are_refused(tmp_path, monkeypatch):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write(tmp_path / name)
    (tmp_path / "b/results").symlink_to(tmp_path / "a")
    monkeypatch.chdir(tmp_path / "a")
    own = load_suite("own.yaml")
    for _ in range(2):  # its own results it takes
        claim(tmp_path / "a/own", own)
    assert noted(tmp_path / "a/own") == "own.yaml"
    monkeypatch.chdir(tmp_path / "b")
    with pytest.raises(UserError, match=r"holds the results of \.\./a/own\.yaml, and own\.yaml"):
        claim(tmp_path / "b/results/own", load_suite("own.yaml"))


def test_results_that_an_earlier_version_noted_are_taken(tmp_path, monkeypatch):
    write(tmp_path)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "suite.txt").write_text("own.yaml")
    claim(tmp_path, load_suite("own.yaml"))


@pytest.mark.parametrize("writable", [True, False])
def test_the_caches_go_where_they_can_be_written(workplace, monkeypatch, writable):
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("MPLCONFIGDIR", raising=False)
    monkeypatch.setattr(os, "access", lambda path, mode: writable)
    cache = None if writable else str(workplace / ".snakemake/cache")
    assert environment().get("XDG_CACHE_HOME") == environment().get("MPLCONFIGDIR") == cache


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["absent"], "unknown suite 'absent'"),
        (["smoke", "--", "--config", "a=b"], "--config is said by `vmi run` itself"),
        (["smoke", "--", "--directory=x"], "--directory=x is said by"),
        (["smoke", "--profile", "absent"], "unknown profile 'absent' (known: default, slurm"),
    ],
)
def test_what_cannot_be_run_is_one_line(workplace, arguments, said, capsys):
    assert main(["run", *arguments]) == 2
    error = capsys.readouterr().err
    assert error.startswith("vmi: error: ") and said in error and error.count("\n") == 1


def test_who_interrupts_a_command_reads_a_word_and_no_traceback(workplace, monkeypatch, capsys):
    def interrupted(suite):
        raise KeyboardInterrupt

    monkeypatch.setattr("vmi.stages.check.check", interrupted)
    assert main(["check", "--suite", "smoke"]) == 130
    assert capsys.readouterr().err == "vmi: interrupted\n"
