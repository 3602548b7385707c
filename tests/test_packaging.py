"""pyproject.toml, the lock and environment.yml say the same, and nothing in the tree is private."""

import re
import subprocess
import tomllib
from itertools import chain
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
CONDA = {"torch": "pytorch"}  # what conda-forge calls it
PYTHON = "3.12"


def wanted():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    extras.pop("peers")  # rivals, which nothing here is pinned with
    lines = [*project["dependencies"], *chain(*extras.values())]
    return {(r := Requirement(line)).name: r for line in lines}


def locked(python=PYTHON):
    """The versions that the lock has for a Python version."""
    where = {"python_version": python, "python_full_version": f"{python}.0"}
    found = {}
    for line in re.findall(r"^([a-z0-9][^\\\n]*)", (ROOT / "requirements.lock").read_text(), re.M):
        requirement = Requirement(line.strip())
        if requirement.marker is None or requirement.marker.evaluate(where):
            found[requirement.name] = str(requirement.specifier).removeprefix("==")
    return found


def conda():
    lines = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    return dict(line.split("=") for line in lines if "=" in line)


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_the_lock_has_a_version_in_range_of_every_dependency(python):
    versions = locked(python)
    for name, requirement in wanted().items():
        assert requirement.specifier.contains(versions[name]), name


def test_conda_has_the_pins_of_the_lock():
    versions, pins = locked(), conda()
    assert pins.pop("python") == PYTHON
    assert pins == {CONDA.get(name, name): versions[name] for name in wanted()}


def test_every_line_of_the_lock_has_a_hash():
    text = (ROOT / "requirements.lock").read_text()
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.M)[1:]
    assert len(entries) > 50
    assert all("--hash=sha256:" in entry for entry in entries)


def test_the_lock_names_no_host():
    assert "://" not in (ROOT / "requirements.lock").read_text()


def test_what_is_cited_is_this_version_under_this_licence():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert {key: cited[key] for key in ("version", "license")} == {
        key: project[key] for key in ("version", "license")
    }
    assert (ROOT / "LICENSE").read_text().startswith("MIT License")
    assert cited["references"][0]["url"] == "https://arxiv.org/abs/2005.13953"


@pytest.mark.parametrize("recipe", ["Containerfile", "vmi.def"])
def test_a_container_has_the_versions_of_the_lock_and_all_that_a_wheel_is_made_of(recipe):
    text = (ROOT / "containers" / recipe).read_text()
    assert f"python:{PYTHON}-slim" in text
    assert "pip install --no-cache-dir --require-hashes --requirement requirements.lock" in text
    needed = {
        "pyproject.toml",
        "setup.py",
        "README.md",
        "LICENSE",
        "Snakefile",
        "vmi",
        "benchmarks",
    }
    assert needed | {"environment.yml", "profiles", "workflow", "requirements.lock"} <= {
        *text.split()
    }


def test_results_that_are_not_published_stay_out_of_git():
    command = ["git", "ls-files", "results", "data"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    paths = listed.stdout.split()
    assert "results/published/demo/records.csv" in paths
    assert all(path.startswith("results/published/") for path in paths)
    assert not [path for path in paths if path.endswith((".safetensors", ".npz"))]
