"""What each stage took, and on what, is kept beside its results and has no say in them."""

import json

import pytest
import torch
import yaml
from toys import SMALL_SUITE

from vmi.__main__ import main
from vmi.data.dataset import Split
from vmi.stages import notes
from vmi.stages.cells import _cached_dataset
from vmi.stages.cohort import Cohort, cohort, due
from vmi.stages.describe import _checksum, describe
from vmi.stages.provenance import of_cohort
from vmi.stages.ran import used
from vmi.stages.where import where
from vmi.suites.file import load_suite

STAGES = ["fit", "encode", "measure", "draw"]


@pytest.fixture
def suite(workplace):
    _cached_dataset.cache_clear()
    (workplace / "own.yaml").write_text(yaml.safe_dump({**SMALL_SUITE, "pictures": ["samples"]}))
    return load_suite("own.yaml")


def test_every_stage_says_what_it_took_on_what_by_which_code(suite):
    cell = where(suite).cell("digits", "vae", "0")
    cohort(suite, "digits", "vae", [0], quiet=True)
    found = notes.read(cell.ran)
    assert [*found] == STAGES
    for took in found.values():
        assert took["seconds"] > 0 and took["peak_mb"] > 50 and took["device"] == "cpu"
        assert took["versions"]["torch"] == torch.__version__.partition("+")[0]
        assert took["machine"]["cpu"] and "commit" in took["git"]
    peaks = [took["peak_mb"] for took in found.values()]
    assert peaks == sorted(peaks)  # of one process, so far


def test_it_makes_nothing_stale_and_an_earlier_cohort_has_none(suite):
    cohort(suite, "digits", "vae", [0], quiet=True)
    cell = where(suite).cell("digits", "vae", "0")
    cell.ran.unlink()
    assert due(Cohort(suite, "digits", "vae", [0]), of_cohort(suite, "digits", "vae", [0])) == []
    nothing = {"seconds": 0, "peak_mb": 0, "commits": [], "processors": []}
    assert used([cell.ran]) == nothing


def test_what_cohorts_took_is_summed_and_all_their_makers_are_named(tmp_path):
    for name, commit, dirty in (("a", "1", False), ("b", "2", True)):
        stage = {"seconds": 2.0, "peak_mb": 60 + len(commit), "machine": {"cpu": name}}
        stage["git"] = {"commit": commit, "dirty": dirty}
        notes.write(tmp_path / name, {"fit": stage, "draw": stage | {"peak_mb": 7}})
    assert used([tmp_path / "a", tmp_path / "b"]) == {
        "seconds": 8.0,
        "peak_mb": 61,
        "commits": ["1", "2+"],
        "processors": ["a", "b"],
    }


def test_a_plan_says_what_was_used_of_what_ran(suite, capsys):
    assert main(["plan", "own.yaml"]) == 0
    assert "core-hours used" not in capsys.readouterr().out
    cohort(suite, "digits", "vae", [0], quiet=True)
    assert main(["plan", "own.yaml"]) == 0
    head, one, every = capsys.readouterr().out.splitlines()[-3:]
    assert head.split("  ")[0] == "method" and "core-hours used" in head and "MB held" in head
    assert one.split()[:2] == ["vae", "1"] and every.split()[:2] == ["all", "1"]
    assert one.split()[2:] == every.split()[2:]


def test_a_description_holds_the_checksum_of_what_models_are_given(suite):
    describe(suite, "digits")
    kept = json.loads(where(suite).data("digits").read_text())["sha256"]
    assert set(kept) == {"train", "evaluation"} and kept["train"] != kept["evaluation"]
    images = torch.arange(8.0).view(2, 1, 2, 2)
    split = Split(images, labels=torch.tensor([0, 1]))
    assert _checksum(split) == _checksum(Split(images.clone(), labels=torch.tensor([0, 1])))
    others = [Split(images), Split(images, labels=torch.tensor([1, 0])), Split(images.flip(0))]
    assert len({_checksum(each) for each in (split, *others)}) == 4
