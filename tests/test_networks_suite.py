"""A suite of learners: its records, the figures of graphs, its page."""

import numpy as np
import pandas as pd
import pytest
from running import in_process

from vmi import records
from vmi.errors import UserError
from vmi.report.parts.networks import shares
from vmi.stages import provenance
from vmi.stages.check import check
from vmi.suites.file import load_suite
from vmi.suites.suite import Suite


@pytest.fixture(scope="module")
def smoke(tmp_path_factory):
    """The records and the results folder of the smoke suite, run once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("networks"))
        _, root = in_process("networks-smoke")
        yield records.read(root / "records.csv"), root


def test_every_score_has_its_row_and_every_pair(smoke):
    rows, _ = smoke
    by_rule = rows[rows["measure"].str.contains("/and|/or")]
    assert len(by_rule) == 2 * 2 * 2 * 2 * 8  # the learners by tests; four scores by each rule
    rows = rows.drop(by_rule.index)
    counted = rows[~rows["measure"].str.startswith("edges/")]
    assert len(counted) == 2 * 3 * 2 * 2 * 8
    assert len(rows) - len(counted) == 2 * 3 * 2 * 2 * 6  # pairs of four nodes
    truths = rows[rows["measure"] == "edges/0-1"]["truth"]
    assert set(truths) == {1.0}
    made = rows[rows["measure"] == "tests"].groupby("method")["state"].unique().str.join(",")
    assert made["neighbourhoods"] == "not applicable" and made["iamb-fisher"] == "value"


def test_the_page_shows_the_graphs_and_the_distance(smoke):
    _, root = smoke
    figures = {path.stem for path in (root / "figures").glob("*.png")}
    assert {"networks", "recovery", "scores"} <= figures
    page = (root / "report.html").read_text()
    for text in ("True and learned graphs", "Hamming distance", "chain of 4", "grow-shrink-or"):
        assert text in page
    assert "edges/0-1" not in (root / "tables/complete.md").read_text()


def test_shares_of_seeds_are_read_by_pair():
    measures = ["edges", "edges/0-1", "edges/0-2"]
    rows = pd.DataFrame({"measure": measures, "mean": [1.5, 0.25, np.nan], "truth": [2, 1, 0]})
    assert shares(rows) == {(0, 1): (0.25, True)}


SETTINGS = {"title": "T", "seeds": [0], "sizes": [20], "graphs": ["chain"]}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"tests": "fisher-z"}, "did you mean 'test'"),
        ({"test": "fisher"}, "unknown test 'fisher': did you mean 'fisher-z'"),
        ({"test": "cmi-knn", "test_settings": {"margin": "ranks"}}, "did you mean 'margins'"),
    ],
)
def test_a_setting_that_no_learner_has_is_told(settings, said):
    entry = {"name": "a", "learner": "iamb", **settings}
    with pytest.raises(UserError, match=said):
        check(Suite("suite", {**SETTINGS, "learners": [entry]}))


def test_an_edit_of_the_test_that_a_learner_is_made_with_counts(workplace):
    entry = {"name": "a", "learner": "iamb", "test": "mine:test"}
    suite = Suite("suite", {**SETTINGS, "learners": [entry]})
    found = []
    for number in (1, 2):
        (workplace / "mine.py").write_text(f"def test(x, y):\n    return {number}\n")
        provenance.sources.cache_clear()
        found.append(provenance.of_cohort(suite, "chain", "a", [0])["answer"]["sources"])
    assert found[0] != found[1]


@pytest.mark.parametrize(
    ("name", "seeds", "claims"),
    [("networks", 25, 15), ("networks-again", 10, 4), ("networks-large", 5, 2)],
)
def test_a_shipped_suite_is_well_formed(name, seeds, claims):
    suite = load_suite(name)
    check(suite)
    assert len(suite.seeds) == seeds and len(suite.claims) == claims
