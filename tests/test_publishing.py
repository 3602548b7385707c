"""What is published comes back where this code and this suite would make it again."""

import json
from pathlib import Path

import pytest
from running import ROOT

from vmi.errors import UserError
from vmi.stages import notes, provenance
from vmi.stages.crate import METADATA, crate, write_crate
from vmi.stages.ledger import checksum
from vmi.stages.publish import publish, restore
from vmi.stages.where import where
from vmi.suites.file import load_suite
from vmi.suites.suite import Suite

SETTINGS = {
    "title": "S",
    "seeds": [0, 1],
    "datasets": ["digits"],
    "models": ["vae", "info-vae"],
    "metrics": ["information", "elbo", "udr"],
}
SUITE = Suite("mine", SETTINGS)
CELL = "cells/digits/vae/0-1"
OTHER = "cells/digits/info-vae/0-1"


def suite(**changes):
    return Suite("mine", {**SETTINGS, **changes})


def write(path, text="x"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def results(workplace):
    """The files of two cells, as the stages leave them, without their contents."""
    here = where(SUITE)
    for model in SUITE.methods:
        cell = here.cell("digits", model, "0-1")
        write(cell.status)
        write(cell.done)
        write(cell.weights / "seed-0.safetensors")
        write(cell.codes / "seed-0" / "train.npz")
        write(cell.records, "rows")
        write(cell.pictures / "samples.png")
        notes.write(cell.made, provenance.of_cohort(SUITE, "digits", model, [0, 1]))
    write(here.seeds("digits"))
    note = here.seeds("digits").with_suffix(".json")
    notes.write(note, provenance.of_comparison(SUITE, "digits"))
    for name in ("data/digits.json", "report.html", "figures/a.png", "figures/a.svg"):
        write(here.root / name)
    return here.root


def restored(of=SUITE):
    """The paths, below results/mine, that a fresh checkout takes back."""
    Path("results/mine").rename("before")
    return taken_back(of)


def taken_back(of):
    restore(of)
    made = Path("results/mine")
    return {str(path.relative_to(made)) for path in made.rglob("*") if path.is_file()}


def test_a_report_is_published_without_what_is_large(results):
    publish(SUITE)
    files = {str(path) for path in Path("results/published/mine").rglob("*") if path.is_file()}
    assert files == {f"results/published/mine/{name}" for name in ("report.html", "figures/a.png")}


def test_cells_come_back_without_weights(results):
    publish(SUITE, cells=True)
    back = restored()
    before = {str(p.relative_to("before")) for p in Path("before").rglob("*") if p.is_file()}
    large = {"weights/seed-0.safetensors", "codes/seed-0/train.npz"}
    assert before - back == {
        *(f"{cell}/{name}" for cell in (CELL, OTHER) for name in large),
        "report.html",
        "figures/a.png",
        "figures/a.svg",
    }
    assert back - before == {f"{cell}/sums.json" for cell in (CELL, OTHER)}  # from now on
    assert (results / CELL / "records.csv").read_text() == "rows"


def test_what_came_back_is_of_one_age_so_that_nothing_is_made_anew_for_it(results):
    publish(SUITE, cells=True)
    back = restored()
    folders = {CELL, f"{CELL}/pictures"}
    assert len({(results / path).stat().st_mtime for path in back | folders}) == 1


def test_how_many_came_back_is_said(results, capsys):
    publish(SUITE, cells=True)
    restored(suite(models=["vae"]))
    assert capsys.readouterr().out == "took back 1 of the 1 cells of the suite\n"


@pytest.mark.parametrize(
    ("changes", "lost"),
    [
        ({"training": {"steps": 7}}, [CELL, OTHER]),
        ({"metrics": ["information", "information-gaussian", "elbo", "udr"]}, [CELL, OTHER]),
        ({"metrics": ["information", "iwae", "udr"]}, [CELL, OTHER]),
        ({"likelihood_images": 3}, [CELL, OTHER]),
        ({"pictures": ["samples"]}, [CELL, OTHER]),
        ({"metrics": ["information", "elbo", "udr-spearman"]}, ["seeds/"]),
        ({"metrics": ["information", "udr"]}, []),
        ({"title": "T"}, []),
    ],
    ids=["steps", "metric", "bound", "images", "picture", "across seeds", "fewer", "title"],
)
def test_what_would_be_made_otherwise_stays_out(results, changes, lost):
    publish(SUITE, cells=True)
    everything = restored()
    results.rename("again")
    gone = everything - taken_back(suite(**changes))
    parts = [CELL, OTHER, "seeds/"]
    assert [part for part in parts if any(part in path for path in gone)] == lost


def test_other_code_stays_out(results):
    note = results / CELL / "made.json"
    made = json.loads(note.read_text())
    made["fit"]["sources"] = "0" * 12
    note.write_text(json.dumps(made))
    publish(SUITE, cells=True)
    back = restored()
    assert not any(CELL in path for path in back)
    assert any(OTHER in path for path in back)


def test_one_that_changed_takes_no_other_with_it(results):
    publish(SUITE, cells=True)
    back = restored(suite(models=["vae", {"name": "info-vae", "lambda_": 3.0}]))
    assert any(CELL in path for path in back)
    assert not any("info-vae" in path for path in back)


def test_results_that_are_there_are_not_mixed_with_published_ones(results):
    publish(SUITE, cells=True)
    with pytest.raises(UserError, match="holds results already"):
        restore(SUITE)


def test_nothing_to_publish_or_to_restore_is_said(workplace):
    with pytest.raises(UserError, match="holds no results"):
        publish(SUITE)
    with pytest.raises(UserError, match="no cells of suite 'mine'"):
        restore(SUITE)


def test_what_was_published_before_gives_way(results):
    write(Path("results/published/mine/figures/old.png"))
    publish(SUITE)
    assert not Path("results/published/mine/figures/old.png").exists()


def test_what_is_published_is_described_as_an_ro_crate():
    """What version 1.1 asks for: the descriptor, the root with its properties, and every file."""
    demo = ROOT / "results/published/demo"
    facts = json.loads((demo / "manifest.json").read_text())
    described = json.loads(json.dumps(crate(load_suite("demo"), demo, facts)))
    assert described["@context"][0] == "https://w3id.org/ro/crate/1.1/context"
    by_id = {entity["@id"]: entity for entity in described["@graph"]}
    assert len(by_id) == len(described["@graph"])
    assert all(entity["@type"] for entity in by_id.values())
    about = by_id[METADATA]
    assert about["@type"] == "CreativeWork" and about["about"] == {"@id": "./"}
    assert about["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    root = by_id["./"]
    assert root["@type"] == "Dataset"
    assert all(root[key] for key in ("name", "description", "datePublished", "license"))
    parts = {each["@id"] for each in root["hasPart"]}
    files = {p.relative_to(demo).as_posix() for p in demo.rglob("*") if p.is_file()} - {METADATA}
    assert parts == files
    assert by_id["records.csv"]["sha256"] == checksum(demo / "records.csv")
    assert by_id["records.csv"]["encodingFormat"] == "text/csv"
    assert facts["git"]["commit"] in by_id["#vmi"]["version"]
    referred = [*root["hasPart"], root["license"], root["mentions"], by_id["#run"]["instrument"]]
    assert all(each["@id"] in by_id for each in referred)


def test_a_crate_lies_beside_what_it_describes_and_not_in_its_own_list(results):
    facts = json.loads((ROOT / "results/published/demo/manifest.json").read_text())
    for _ in range(2):
        write_crate(SUITE, results, facts)
        graph = json.loads((results / METADATA).read_text())["@graph"]
    assert METADATA not in {part["@id"] for part in graph[1]["hasPart"]}
    write(results / "manifest.json", json.dumps(facts))
    publish(SUITE)
    assert (Path("results/published/mine") / METADATA).is_file()
