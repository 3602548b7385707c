"""Suites on a real Slurm of two nodes: `make test-slurm`, as .ci/run does; skipped otherwise.

What is asked of it stands in profiles/slurm; cluster.sh starts and stops it.
"""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
import yaml

from vmi import records
from vmi.suites.file import load_suite
from vmi.suites.needs import needs_of

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = str(Path(__file__).with_name("cluster.sh"))
# This Slurm has no accounting database, so squeue is asked; nothing else differs from README.
PLAIN = ("--", "--slurm-status-command", "squeue")

# Estimators that do what befalls jobs, each at its first try alone. One is called several times a
# job, as an estimate is put to checks.
PLUGIN = """
import signal, time
from functools import cache
from pathlib import Path
import numpy

@cache
def again(name):
    calls = Path(f"{name}.calls")
    before = calls.read_text() if calls.exists() else ""
    calls.write_text(before + "x")
    return bool(before)

def hungry(x, y):
    if not again("hungry"):
        held = numpy.ones(3_200_000_000, dtype=numpy.uint8)
        time.sleep(60)
        return float(held[0])
    return 1.0

def slow(x, y):
    if not again("slow"):
        signal.signal(signal.SIGTERM, lambda *_: Path("slow.told").touch())
        for _ in range(600):
            time.sleep(1)
    return 1.0

def cancelled(x, y):
    if not again("cancelled"):
        time.sleep(600)
    return 1.0

def stranded(x, y):
    if not again("stranded"):
        time.sleep(600)
    return 1.0

def quick(x, y):
    again("quick")
    return 1.0

def patient(x, y):
    again("patient")
    while not Path("patient.may").exists():
        time.sleep(0.2)
    return 1.0
"""


@dataclass(frozen=True)
class Slurm:
    """A Slurm that runs.

    Attributes:
        folder: All that its daemons keep.
    """

    folder: Path

    @property
    def environment(self):
        """In which a user of it works."""
        return {
            **os.environ,
            "SLURM_CONF": f"{self.folder}/slurm.conf",
            "PATH": f"{self.folder}/bin:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "OMP_NUM_THREADS": "1",
        }

    def says(self, *command):
        """What one of Slurm's commands prints."""
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=True, timeout=60
        )
        return done.stdout

    def jobs(self, folder):
        """The jobs that were submitted in a folder, in turn."""
        text = self.says("squeue", "--states=all", "--noheader", "--format=%i|%T|%l|%m|%C|%b|%Z|%k")
        rows = [line.split("|") for line in text.splitlines()]
        found = [Job(int(row[0]), *row[1:6], row[7]) for row in rows if row[6] == str(folder)]
        return sorted(found, key=lambda job: job.id)

    def kill_node(self, node, job):
        """A power cut: the node's daemon and all processes of the one job that it runs."""
        victims = [psutil.Process(int((self.folder / f"{node}.pid").read_text()))]
        for process in psutil.process_iter(["cmdline"]):
            if " ".join(process.info["cmdline"] or ()).startswith(f"slurmstepd: [{job}."):
                ours = f"SLURM_CONF={self.folder}/" in self._environment_of(process)
                victims += [process, *process.children(recursive=True)] if ours else []
        for victim in victims:
            victim.kill()

    @staticmethod
    def _environment_of(process):
        """As the kernel has it: psutil finds none where a process has changed its title."""
        return Path(f"/proc/{process.pid}/environ").read_text(errors="replace")


@dataclass(frozen=True)
class Job:
    """What squeue says of a job."""

    id: int
    state: str
    limit: str
    memory: str
    cores: str
    gpus: str
    what: str


@pytest.fixture(scope="module")
def slurm(tmp_path_factory):
    if not os.environ.get("VMI_SLURM"):
        pytest.skip("a real Slurm takes minutes: `make test-slurm` runs these")
    folder = tmp_path_factory.mktemp("slurm")
    subprocess.run([SCRIPT, "start", str(folder)], check=True, timeout=120)
    yield Slurm(folder)
    subprocess.run([SCRIPT, "stop", str(folder)], check=True, timeout=120)


def start(slurm, folder, *arguments):
    """Starts a run, in a group of processes of its own."""
    with (folder / "said.txt").open("a") as said:
        command = [sys.executable, "-m", "vmi", "run", *arguments]
        return subprocess.Popen(
            command,
            cwd=folder,
            env=slurm.environment,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def said(folder):
    return (folder / "said.txt").read_text()


def wait_for(what, seconds=600):
    """Waits until something is so, and returns it."""
    for _ in range(2 * seconds):
        if found := what():
            return found
        time.sleep(0.5)
    raise TimeoutError(what)


def suite(folder, *estimators):
    """Writes a suite of estimators, a job each."""
    (folder / "mine.py").write_text(PLUGIN)
    text = {
        "title": "Faults",
        "seeds": [0],
        "sizes": [50],
        "tasks": ["two-pair-2"],
        "estimators": [f"mine:{name}" for name in estimators],
        "verify": False,
    }
    (folder / "faults.yaml").write_text(yaml.safe_dump(text))


def of(jobs, method):
    return [job for job in jobs if method in job.what]


def calls(folder, method):
    path = folder / f"{method}.calls"
    return len(path.read_text()) if path.exists() else 0


def values(folder):
    rows = records.read(folder / "results/faults/records.csv")
    return dict(zip(rows["method"], rows["value"], strict=True))


def test_the_smoke_suite_runs_to_its_page_as_the_readme_says(slurm, tmp_path):
    code = start(slurm, tmp_path, "smoke", "--profile", "slurm", *PLAIN).wait(900)
    assert code == 0, said(tmp_path)
    assert said(tmp_path).splitlines()[-1] == "results/smoke/report.html"
    assert "Smoke test" in (tmp_path / "results/smoke/report.html").read_text()
    jobs = slurm.jobs(tmp_path)
    # A job a cohort, and one for all that is short.
    assert sorted(job.what.split("_")[1] for job in jobs) == ["cohort", "cohort", "short"]
    assert {job.state for job in jobs} == {"COMPLETED"}
    asked = needs_of(load_suite("smoke"), "sprites", "vae", [0, 1])
    assert {(job.limit, job.memory, job.cores) for job in of(jobs, "cohort")} == {
        ("1:00:00", f"{asked.mb}M", f"{asked.cores}")
    }


def test_jobs_that_slurm_ends_come_back(slurm, tmp_path):
    """One is cancelled, the node of one dies, one is over its memory, and one over its time."""
    suite(tmp_path, "hungry", "slow", "cancelled", "stranded")
    # `slow` has a minute, which is the least, and is told up to 35 seconds before it ends, as Slurm
    # looks twice a minute; `stranded` alone is on n2, which Slurm takes first.
    run = start(
        slurm,
        tmp_path,
        *("faults.yaml", "--profile", "slurm", *PLAIN, "--set-resources"),
        "cohort:runtime=(1 if wildcards.method == 'slow' else 60) * attempt",
        "cohort:gres='gpu:1' if wildcards.method == 'cancelled' else ''",
        "cohort:slurm_extra='--signal=TERM@5'"
        " + ('' if wildcards.method == 'stranded' else ' --exclude=n2')",
    )
    for method in ("cancelled", "stranded"):
        wait_for(lambda method=method: calls(tmp_path, method))
        (job,) = of(slurm.jobs(tmp_path), method)
        if method == "cancelled":
            slurm.says("scancel", str(job.id))
        else:
            slurm.kill_node("n2", job.id)
    assert run.wait(900) == 0, said(tmp_path)
    subprocess.run([SCRIPT, "node", str(slurm.folder), "n2"], check=True, timeout=60)

    methods = ("hungry", "slow", "cancelled", "stranded")
    assert values(tmp_path) == dict.fromkeys(methods, 1.0)
    assert {method: calls(tmp_path, method) for method in methods} == dict.fromkeys(methods, 2)
    jobs = slurm.jobs(tmp_path)
    assert [job.state for job in of(jobs, "cancelled")] == ["CANCELLED", "COMPLETED"]
    assert all("gpu:1" in job.gpus for job in of(jobs, "cancelled"))
    assert [job.memory for job in of(jobs, "hungry")] == ["3000M", "6000M"]
    # On a busy machine it may be told to end before it listens: then one more try is one of those.
    *cut, last = of(jobs, "slow")
    assert [job.limit for job in (*cut, last)] == ["1:00", "2:00", "3:00"][: len(cut) + 1]
    assert (cut[-1].state, last.state) == ("TIMEOUT", "COMPLETED")
    assert (tmp_path / "slow.told").exists()  # through the shell, in time to write where it is
    assert [job.state for job in of(jobs, "stranded")] == ["COMPLETED"]  # Slurm's own second try


def test_a_run_goes_on_after_one_that_was_killed_and_whose_job_was_not(slurm, tmp_path):
    """Two cohorts share the job, of which one is done when the next run asks for the other."""
    suite(tmp_path, "patient", "quick")
    groups = ("--groups", "cohort=cohorts", "gather=short", "report=short")
    arguments = ("faults.yaml", "--profile", "slurm", *PLAIN, *groups)
    arguments += ("--group-components", "cohorts=8")
    first = start(slurm, tmp_path, *arguments)
    quick = tmp_path / "results/faults/cells/two-pair-2/quick/0/done"
    wait_for(lambda: calls(tmp_path, "patient") and quick.exists())
    os.killpg(first.pid, signal.SIGKILL)
    first.wait(60)
    second = start(slurm, tmp_path, *arguments)
    log = tmp_path / "results/faults/logs/two-pair-2/patient/0.log"
    wait_for(
        lambda: "at work here" in log.read_text() and "waiting until it ends" in log.read_text()
    )
    (tmp_path / "patient.may").touch()
    assert second.wait(900) == 0, said(tmp_path)
    assert values(tmp_path) == {"patient": 1.0, "quick": 1.0}
    assert calls(tmp_path, "patient") == calls(tmp_path, "quick") == 1
    # The second job was for what was not done, waited for the first, and found it done.
    jobs = of(slurm.jobs(tmp_path), "cohorts")
    assert [(job.state, job.cores) for job in jobs] == [("COMPLETED", "2"), ("COMPLETED", "1")]
