"""Where disk or memory gives out, it is one line and no result: run again, a job goes on."""

import errno
from pathlib import Path

import pytest
import yaml
from safetensors import SafetensorError
from toys import SMALL_SUITE

from vmi.__main__ import main
from vmi.errors import Damaged, MachineFailed, failure, machine_failure, reading

FULL = OSError(errno.ENOSPC, "No space left on device")
COHORT = ["cohort", "--suite", "own.yaml", "--task", "digits", "--method", "vae", "--seeds", "0"]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (FULL, "No space left on device"),
        (PermissionError(errno.EACCES, "Permission denied", "a"), "Permission denied: 'a'"),
        (MemoryError(), "out of memory"),
        (MemoryError("Unable to allocate 9 TiB"), "out of memory: Unable to allocate 9 TiB"),
        (RuntimeError("can't: Error code 12 (Cannot allocate memory)"), "out of memory"),
        (SafetensorError("I/O error: full (os error 28)"), "No space left on device"),
        (SafetensorError("I/O error: none (os error 2)"), ""),
        (FileNotFoundError(errno.ENOENT, "No such file", "a"), ""),
        (OSError("of a plug-in's own"), ""),
        (ValueError("too few"), ""),
    ],
    ids=str,
)
def test_what_the_machine_did_is_told_from_what_a_method_did(error, said):
    assert machine_failure(error) == said


def test_neither_a_damaged_file_nor_the_machine_is_a_failure_of_the_method():
    for error, kind in ((Damaged("a", "is cut", "a"), Damaged), (FULL, MachineFailed)):
        with pytest.raises(kind):
            failure(error)
    assert failure(ValueError("no")) == "ValueError: no"


def test_a_file_that_cannot_be_read_for_want_of_memory_is_not_called_damaged():
    with pytest.raises(MachineFailed, match="a: out of memory"), reading(Path("a")):
        raise MemoryError


@pytest.mark.parametrize("at", ["fit.save_weights", "fit.write_csv", "encode.encode"])
def test_a_disk_that_is_full_is_one_line_and_what_was_to_be_done_is_still(
    at, workplace, capsys, monkeypatch
):
    Path("own.yaml").write_text(yaml.safe_dump(SMALL_SUITE))

    def full(*_):
        raise FULL

    with monkeypatch.context() as patch:
        patch.setattr(f"vmi.stages.{at}", full)
        assert main([*COHORT, "--quiet"]) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last == "vmi: error: No space left on device"
    assert not Path("results/own/cells/digits/vae/0/done").exists()
    assert main([*COHORT, "--quiet"]) == 0
    assert not any("failed" in p.read_text() for p in Path("results").rglob("*.csv"))
