"""What is published comes back where this code and this suite would make it again."""

import json
from pathlib import Path

import pytest

from vmi.errors import UserError
from vmi.stages import provenance
from vmi.stages.publish import publish, restore
from vmi.suites.suite import Suite

SETTINGS = {
    "title": "S",
    "seeds": [0, 1],
    "datasets": ["digits"],
    "models": ["vae", "info-vae"],
    "metrics": ["information", "elbo", "udr"],
}
SUITE = Suite("mine", SETTINGS)
CELL = "digits/vae"


def suite(**changes):
    return Suite("mine", {**SETTINGS, **changes})


def write(path, text="x"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def results(workplace):
    """The files of two cells, as the stages leave them, without their contents."""
    made = Path("results/mine")
    for model in SUITE.models:
        cell = Path("digits", model)
        write(made / "train" / cell / "0-1" / "status.csv")
        write(made / "checkpoints" / cell / "0-1" / "seed-0.safetensors")
        for family in ("codes", "likelihood"):
            write(made / "records" / cell / "0-1" / f"{family}.csv", family)
        write(made / "records" / cell / "seeds.csv")
        write(made / "pictures" / cell / "samples.png")
        notes = {
            f"train/{cell}/0-1/made.json": provenance.of_training(SUITE, "digits", model),
            f"records/{cell}/0-1/codes.json": provenance.of_evaluation(SUITE, "codes"),
            f"records/{cell}/0-1/likelihood.json": provenance.of_evaluation(SUITE, "likelihood"),
            f"records/{cell}/seeds.json": provenance.of_comparison(SUITE),
            f"pictures/{cell}/made.json": provenance.of_pictures(SUITE),
        }
        for path, note in notes.items():
            provenance.keep(made / path, note)
    for name in ("data/digits.json", "report.html", "figures/a.png", "figures/a.svg"):
        write(made / name)
    return made


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
    assert before - back == {
        "checkpoints/digits/vae/0-1/seed-0.safetensors",
        "checkpoints/digits/info-vae/0-1/seed-0.safetensors",
        "report.html",
        "figures/a.png",
        "figures/a.svg",
    }
    assert back <= before
    assert (results / "records" / CELL / "0-1/codes.csv").read_text() == "codes"


def test_what_came_back_is_of_one_age_so_that_nothing_is_made_anew_for_it(results):
    publish(SUITE, cells=True)
    back = restored()
    folders = {f"pictures/{CELL}", f"train/{CELL}/0-1"}
    assert len({(results / path).stat().st_mtime for path in back | folders}) == 1


def test_how_many_came_back_is_said(results, capsys):
    publish(SUITE, cells=True)
    restored(suite(models=["vae"]))
    assert capsys.readouterr().out == "took back 1 of the 1 cells of the suite\n"


PARTS = ["train", "codes", "likelihood", "seeds", "pictures"]


@pytest.mark.parametrize(
    ("changes", "lost"),
    [
        ({"training": {"steps": 7}}, PARTS),
        ({"metrics": ["information", "information-gaussian", "elbo", "udr"]}, ["codes"]),
        ({"metrics": ["information", "iwae", "udr"]}, ["likelihood"]),
        ({"likelihood_images": 3}, ["likelihood"]),
        ({"metrics": ["information", "elbo", "udr-spearman"]}, ["seeds"]),
        ({"pictures": ["samples"]}, ["pictures"]),
        ({"title": "T"}, []),
    ],
    ids=["steps", "metric", "bound", "images", "across seeds", "picture", "title"],
)
def test_what_would_be_made_otherwise_stays_out(results, changes, lost):
    publish(SUITE, cells=True)
    everything = restored()
    results.rename("again")
    gone = everything - taken_back(suite(**changes))
    assert [part for part in PARTS if any(part in path for path in gone)] == lost


def test_other_code_stays_out(results):
    note = results / "train" / CELL / "0-1" / "made.json"
    note.write_text(json.dumps(json.loads(note.read_text()) | {"sources": "0" * 12}))
    publish(SUITE, cells=True)
    back = restored()
    assert not any(CELL in path for path in back)
    assert any("digits/info-vae" in path for path in back)


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
