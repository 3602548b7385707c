"""Nothing that was damaged or altered goes by unseen, and every stage says what to remove."""

import json
import shutil
from pathlib import Path
from threading import Timer

import pytest
import yaml

from vmi.__main__ import main
from vmi.errors import Damaged
from vmi.stages import notes
from vmi.stages.ledger import Ledger, checksum
from vmi.stages.lock import claim, hold
from vmi.stages.where import where
from vmi.suites.file import load_suite

SUITE = {
    "title": "Toy",
    "seeds": [0, 1],
    "datasets": ["digits"],
    "models": ["vae", "info-vae"],
    "metrics": ["elbo", "information", "udr"],
    "pictures": ["samples"],
    "network": "dense-8",
    "latents": {"gaussian": 2},
    "training": {"steps": 20, "batch_size": 16},
    "claims": [
        {
            "id": "a",
            "sentence": "More.",
            "source": "here",
            "left": {"model": "vae", "metric": "elbo"},
            "is": "above",
            "right": {"model": "info-vae"},
        }
    ],
}
ROOT = Path("results/toy")
CELL = ROOT / "cells/digits/vae/0-1"
WEIGHTS, CODES = CELL / "weights/seed-0.safetensors", CELL / "codes/seed-0/evaluation.npz"
COHORT = ["cohort", "--task", "digits", "--method", "vae", "--seeds", "0-1", "--quiet"]
STEPS = [
    ["describe", "--task", "digits"],
    COHORT,
    ["cohort", "--task", "digits", "--method", "info-vae", "--seeds", "0-1", "--quiet"],
    ["compare", "--task", "digits"],
    ["gather"],
    ["report"],
]


def write(**changes):
    Path("toy.yaml").write_text(yaml.safe_dump({**SUITE, **changes}))


def do(step):
    return main([*step, "--suite", "toy.yaml"])


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A suite as the stages leave it; made once."""
    folder = tmp_path_factory.mktemp("toy")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        write()
        claim(ROOT, load_suite("toy.yaml"))
        assert [do(step) for step in STEPS] == [0] * len(STEPS)
    return folder


@pytest.fixture(autouse=True)
def here(finished, workplace):
    """A copy of it to work in."""
    shutil.copytree(finished, workplace, dirs_exist_ok=True)
    return workplace


def audited(capsys, *arguments):
    """The exit code, and the lines but the last."""
    capsys.readouterr()
    code = main(["audit", str(ROOT), *arguments])
    return code, capsys.readouterr().out.splitlines()[:-1]


def flip(path, place=0.5):
    """Flips a bit."""
    whole = bytearray(path.read_bytes())
    whole[int(place * (len(whole) - 1))] ^= 4
    path.write_bytes(whole)


DAMAGES = {
    "flipped": flip,
    "first": lambda path: flip(path, 0),
    "last": lambda path: flip(path, 1),
    "cut": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "emptied": lambda path: path.write_bytes(b""),
    "gone": Path.unlink,
}


def test_what_is_well_has_no_line(capsys):
    assert audited(capsys) == (0, [])
    assert audited(capsys, "--suite", "toy.yaml") == (0, [])


def test_every_file_that_is_damaged_is_named(capsys, here):
    paths = [p for p in ROOT.rglob("*") if p.is_file() and p.name not in ("suite.txt", ".lock")]
    paths = [p for p in paths if p.name != "done"]
    kinds = {path.suffix for path in paths}
    assert kinds >= {".safetensors", ".npz", ".csv", ".json", ".html", ".png", ".svg", ".md"}
    for path in paths:
        whole = path.read_bytes()
        for how, damage in DAMAGES.items():
            damage(path)
            code, lines = audited(capsys)
            named = [line for line in lines if str(path) in line]
            if path.name == "made.json":  # read as what it says, which is not today's
                named = [line for line in lines if line.startswith(str(path.parent))]
            if how == "gone" and "sums" in str(path):
                named = [line for line in lines if "without a checksum" in line]
            assert code == 1 and named, (path, how, lines)
            path.write_bytes(whole)
    assert audited(capsys) == (0, [])


def test_a_line_says_what_to_remove_and_then_all_is_well_again(capsys):
    flip(WEIGHTS)
    _, (line,) = audited(capsys)
    assert line == (
        f"{WEIGHTS} is damaged: it is not as it was made: remove {CELL}, and run the suite again"
    )
    shutil.rmtree(CELL)
    assert audited(capsys)[1][-1] == (
        f"{ROOT}/cells/digits/vae: seed 0, 1 not made yet: run the suite again"
    )
    assert [do(step) for step in STEPS] == [0] * len(STEPS)
    assert audited(capsys) == (0, [])


def without(*stages):
    """Has stages of a cohort be due."""
    made = notes.read(CELL / "made.json")
    notes.write(CELL / "made.json", {k: v for k, v in made.items() if k not in stages})


READ = [
    ("encode", WEIGHTS),
    ("encode", CELL / "status.csv"),
    ("measure", WEIGHTS),
    ("measure", CODES),
    ("measure", CELL / "status.csv"),
    ("draw", WEIGHTS),
    ("compare", CODES),
    ("compare", CELL / "status.csv"),
    ("gather", CELL / "records.csv"),
    ("gather", CELL / "history.csv"),
    ("gather", ROOT / "seeds/digits.csv"),
    ("report", ROOT / "records.csv"),
    ("report", ROOT / "history.csv"),
    ("report", ROOT / "data/digits.json"),
    ("report", CELL / "status.csv"),
    ("report", CELL / "pictures/samples.png"),
    ("publish", ROOT / "report.html"),
    ("publish", CELL / "records.csv"),
]


@pytest.mark.parametrize("how", ["flipped", "cut", "emptied"])
@pytest.mark.parametrize(("stage", "path"), READ, ids=lambda x: getattr(x, "name", x))
def test_a_stage_says_which_file_is_damaged_and_what_to_remove(stage, path, how, capsys):
    DAMAGES[how](path)
    step = next((step for step in STEPS if step[0] == stage), [stage])
    if stage in ("encode", "measure", "draw"):
        without(stage)
        step = COHORT
    capsys.readouterr()
    assert do(step) == 2
    error = capsys.readouterr().err
    remedy = CELL if CELL in path.parents else path
    if path == ROOT / "history.csv":  # which is made beside the records
        remedy = ROOT / "records.csv"
    assert error.startswith(f"vmi: error: {path} is damaged: ")
    assert (
        error.endswith(f": remove {remedy}, and run the suite again\n") and error.count("\n") == 1
    )


@pytest.mark.parametrize(("stage", "path"), READ[:-2], ids=lambda x: getattr(x, "name", x))
def test_so_it_does_of_what_earlier_versions_made_where_it_cannot_be_read(stage, path, capsys):
    for ledger in [*ROOT.rglob("sums.json"), *ROOT.glob("sums/*")]:
        ledger.unlink()
    path.write_bytes(b"")
    step = next((step for step in STEPS if step[0] == stage), [stage])
    if stage in ("encode", "measure", "draw"):
        without(stage)
        step = COHORT
    capsys.readouterr()
    code, error = do(step), capsys.readouterr().err
    assert code == 2 and error.startswith(f"vmi: error: {path} cannot be read ("), error
    assert "remove " in error and error.count("\n") == 1


def test_rows_that_a_new_measure_would_keep_are_checked_too(capsys):
    flip(CELL / "records.csv")
    write(metrics=["elbo", "information", "active-units", "udr"])
    assert do(COHORT) == 2
    assert f"{CELL}/records.csv is damaged" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "[", "[1]", '{"fit": '])
def test_a_note_of_what_was_made_that_is_cut_is_one_line(text, capsys):
    (CELL / "made.json").write_text(text)
    assert do(COHORT) == 2
    error = capsys.readouterr().err
    assert f"{CELL}/made.json cannot be read" in error and f"remove {CELL}," in error
    assert error.count("\n") == 1


def test_what_was_made_otherwise_than_today_has_a_line_each(capsys):
    write(training={"steps": 21, "batch_size": 16})
    code, lines = audited(capsys)
    assert code == 1
    cells = [line for line in lines if line.startswith(f"{ROOT}/cells")]
    assert len(cells) == 2 and all(": fit not made yet, or by another" in line for line in cells)
    write(title="Another")
    code, lines = audited(capsys)
    assert lines == [
        f"{ROOT}/report.html was made by another suite or other code than today's: "
        "run the suite again"
    ]


def test_seeds_that_are_not_there_yet_have_a_line(capsys):
    write(seeds=[0, 1, 2])
    lines = audited(capsys)[1]
    assert f"{ROOT}/cells/digits/vae: seed 2 not made yet: run the suite again" in lines


def test_what_follows_from_something_made_anew_has_a_line(capsys):
    without("measure")
    assert do(COHORT) == 0  # its seconds are others, and so is the file
    code, (line,) = audited(capsys)
    assert code == 1
    assert line == (
        f"{ROOT}/records.csv no longer follows from {CELL}/records.csv: run the suite again"
    )
    assert do(["gather"]) == 0
    assert [line.split()[0] for line in audited(capsys)[1]] == [f"{ROOT}/report.html"]


def test_what_has_no_checksum_is_not_passed(capsys):
    (CELL / "sums.json").unlink()
    code, lines = audited(capsys)
    assert code == 1 and len(lines) == 1
    assert str(CELL) in lines[0] and "without a checksum" in lines[0]


def test_published_results_are_audited_and_come_back_whole(capsys):
    assert do(["publish", "--cells"]) == 0
    published = Path("results/published/toy")
    assert main(["audit", str(published)]) == 0
    assert not list(published.rglob("*.safetensors"))
    flip(published / "cells/digits/vae/0-1/records.csv")
    assert main(["audit", str(published)]) == 1
    shutil.move(ROOT, "before")
    capsys.readouterr()
    assert do(["restore"]) == 2
    assert "records.csv is damaged" in capsys.readouterr().err
    flip(published / "cells/digits/vae/0-1/records.csv")
    assert do(["restore"]) == 0
    assert [do(step) for step in STEPS[-2:]] == [0, 0]
    assert not (CELL / "weights").exists()
    assert audited(capsys) == (0, [])


def test_cells_of_an_earlier_version_have_checksums_once_they_are_published(capsys):
    for ledger in ROOT.rglob("sums.json"):
        ledger.unlink()
    assert do(["publish", "--cells"]) == 0
    assert main(["audit", "results/published/toy"]) == 0


def test_where_there_are_no_results_is_one_line(capsys):
    assert main(["audit", "results/absent"]) == 2
    assert capsys.readouterr().err == "vmi: error: results/absent holds no results\n"
    (ROOT / "suite.txt").unlink()
    ROOT.rename("results/unknown")
    assert main(["audit", "results/unknown"]) == 2
    assert "say which --suite this is of" in capsys.readouterr().err
    assert main(["audit", "results/unknown", "--suite", "toy.yaml"]) == 0


def test_a_checksum_is_the_sha_256_of_the_standard(tmp_path):
    (tmp_path / "a").write_text("abc")
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert checksum(tmp_path / "a") == known


def test_a_ledger_that_was_altered_is_not_read(tmp_path):
    (tmp_path / "a").write_text("abc")
    ledger = Ledger(tmp_path / "sums.json", tmp_path, tmp_path)
    ledger.seal("stage", [tmp_path / "a", tmp_path / "absent"])
    assert list(ledger.sums()) == ["a"]
    kept = json.loads(ledger.path.read_text())
    kept["stages"]["other"] = kept["stages"].pop("stage")
    ledger.path.write_text(json.dumps(kept))
    with pytest.raises(Damaged, match="not as it was written"):
        ledger.check()


def test_a_job_that_dies_before_its_reads_have_a_checksum_is_done_again(monkeypatch):
    without("measure")
    seal = Ledger.seal

    def dies(ledger, stage, *given, **about):
        if stage == "reads":
            raise KeyboardInterrupt
        seal(ledger, stage, *given, **about)

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "seal", dies)
        do(COHORT)
    assert "measure" not in notes.read(CELL / "made.json")
    assert [do(step) for step in STEPS] == [0] * len(STEPS)
    assert main(["audit", str(ROOT)]) == 0


@pytest.mark.parametrize("job", ["describe-digits", "compare-digits", "gather", "report"])
def test_a_damaged_ledger_of_no_cohort_is_mended_as_the_line_says(job, capsys):
    (ROOT / f"sums/{job}.json").write_text("{")
    _, lines = audited(capsys)
    remedy = Path(lines[0].split(": remove ")[1].removesuffix(", and run the suite again"))
    remedy.unlink()
    assert [do(step) for step in STEPS] == [0] * len(STEPS)
    assert audited(capsys) == (0, [])


def test_a_job_waits_for_another_that_outlived_its_run(capsys):
    lock = hold(where(load_suite("toy.yaml")).cell("digits", "vae", "0-1").folder)
    Timer(0.2, lock.close).start()
    assert do(COHORT) == 0
    assert "another run is at work" in capsys.readouterr().err


def test_published_cells_go_by_what_they_themselves_were_made_from(capsys, here):
    """A file that other results read is nothing to them; one that they read keeps them out."""
    (here / "scale.txt").write_text("now")
    then = {"measure": {"scale.txt": [1, 1, "another hash"]}}
    assert do(["publish", "--cells"]) == 0
    (CELL / "reads.json").write_text(json.dumps(then))
    assert main(["audit", "results/published/toy"]) == 0
    published = Path("results/published/toy/cells/digits/vae/0-1")
    shutil.copy(CELL / "reads.json", published)
    Ledger(published / "sums.json", published, published).seal("reads", [published / "reads.json"])
    shutil.rmtree(ROOT)
    capsys.readouterr()
    assert main(["audit", "results/published/toy"]) == 1
    assert f"{CELL.parent.name}/0-1: measure not made yet" in capsys.readouterr().out
    assert do(["restore"]) == 0
    assert not CELL.exists() and (CELL.parent.parent / "info-vae/0-1/done").exists()
