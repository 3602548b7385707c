"""The published tables come out of the published records, to the last digit; and a third kind."""

import io
import re
from pathlib import Path

import pandas as pd
import pytest

from vmi.cards import Card
from vmi.estimate import Estimate
from vmi.records import Place, Record, read, write
from vmi.registry import Registry
from vmi.report import headline_text, report
from vmi.report.build import part_of
from vmi.report.claims import claims
from vmi.report.numbers import Numbers
from vmi.stages.where import published
from vmi.suites.file import load_suite
from vmi.suites.kinds import Kind, Noun
from vmi.suites.suite import Suite

ROOT = Path(__file__).resolve().parent.parent
# How tables that version 0.1 published name their columns; of estimators, n was the size.
EARLIER = {"dataset": "task", "model": "method", "metric": "measure", "estimator": "method"}
OF_ESTIMATORS = {"n": "size", "seeds": "n", "flagged": "warned"}


def table(path):
    """Reads a published table as text, in today's columns."""
    frame = pd.read_csv(path, dtype=str, keep_default_na=False).rename(columns=EARLIER)
    frame = frame.rename(columns=OF_ESTIMATORS if "flagged" in frame else {})
    return frame.map(lambda text: re.sub("^not applicable: ", "", text))


@pytest.fixture(scope="module", params=["demo", "estimators", "pictures", "paper-small"])
def numbers(request):
    suite = load_suite(request.param)
    where = published(suite)
    return Numbers(suite, type(where)(ROOT / where.root), read(ROOT / where.records))


def assert_same(made, old):
    """Compares the columns that both have, letter by letter: floats are written in full."""
    new = pd.read_csv(io.StringIO(made.to_csv(index=False)), dtype=str)
    new = new.fillna("").map(lambda text: re.sub("^not applicable: ", "", text))
    shared = [column for column in new if column in old]
    assert {"task", "method", "mean"} <= set(shared) or {"method", "close"} <= set(shared)
    pd.testing.assert_frame_equal(new[shared], old[shared])


def test_every_number_of_the_published_table_is_that_of_the_records(numbers):
    assert_same(numbers.summary, table(numbers.where.tables / "complete.csv"))


def test_published_headline_is_that_of_the_records(numbers):
    kind = numbers.suite.kind
    made = {b.path.name: b.text for b in part_of(kind.parts[0]).make(numbers) if hasattr(b, "path")}
    for name in ("headline.txt", "headline.md", "headline.tex"):
        assert made[name] == (numbers.where.tables / name).read_text(encoding="utf-8")


def test_published_claims_are_those_of_the_records(numbers):
    path = numbers.where.tables / "claims.csv"
    assert path.exists() == bool(numbers.suite.claims)
    if path.exists():
        made = claims(numbers.records, numbers.suite).to_csv(index=False)
        old = pd.read_csv(path, dtype=str).rename(columns=EARLIER)
        pd.testing.assert_frame_equal(pd.read_csv(io.StringIO(made), dtype=str), old)


# --- a third kind: learners of graphs


OF_GRAPHS = Kind(
    task=Noun("graphs", Registry("graph", {"chain": Card("mine:chain", name="a chain")}), "graph"),
    method=Noun("learners", Registry("learner", {"pairs": "mine:pairs"}), "learner", "names"),
    measures=Registry(
        "metric",
        {
            "hamming": Card(
                name="Hamming distance",
                better="down",
                unit="edges",
                reading="the number of edges that are wrong.",
                headline=True,
            )
        },
    ),
)


def test_a_third_kind_has_tables_claims_and_a_page_from_the_parts_of_all(workplace):
    (workplace / "kinds.py").write_text("from test_report_published import OF_GRAPHS")
    (workplace / "mine.py").write_text("def best(): ...")
    suite = Suite(
        "graphs",
        {
            "kind": "kinds:OF_GRAPHS",
            "title": "Graphs",
            "graphs": ["chain"],
            "learners": ["pairs", "mine:best"],
            "sizes": [100, 1000],
            "seeds": [0, 1, 2],
            "claims": [
                {
                    "id": "better",
                    "sentence": "Best is better than pairs.",
                    "source": "here",
                    "left": {"learner": "best"},
                    "is": "below",
                    "right": {"learner": "pairs"},
                }
            ],
        },
    )
    rows = [
        Record.of(Place("graphs", "chain", m, size=n, seed=k), "hamming", Estimate(level + k % 2))
        for m, level in (("pairs", 7), ("best", 2))
        for n in suite.sizes
        for k in suite.seeds
    ]
    write(rows, workplace / "records.csv")
    report(suite, workplace)
    page = (workplace / "report.html").read_text()
    assert re.findall("<h2>(.*)</h2>", page) == [
        *("Headline", "How to read it", "Claims", "Figures", "All numbers", "Failures and gaps"),
        "Provenance",
    ]
    assert "2 learners on 1 graph, 100, 1,000 samples, 3 seeds each" in page
    assert "the number of edges that are wrong." in page
    lines = headline_text(workplace).splitlines()
    assert lines[2].split("  ")[0] == "graph" and "Hamming distance" in lines[2]
    assert [re.sub(" +", " ", line) for line in lines[5:]] == [
        "a chain pairs 100 7.3 [5.9, 8.8] 3",
        "a chain best 100 2.3 [0.9, 3.8]* 3",
        "a chain pairs 1,000 7.3 [5.9, 8.8] 3",
        "a chain best 1,000 2.3 [0.9, 3.8]* 3",
    ]
    (claim,) = pd.read_csv(workplace / "tables" / "claims.csv").to_dict("records")
    assert (claim["task"], claim["effect"], claim["verdict"]) == ("chain", -5.0, "holds")
    assert {path.name for path in (workplace / "tables").iterdir()} == {
        *("headline.md", "headline.tex", "headline.txt", "headline.csv"),
        *("complete.md", "complete.tex", "complete.csv", "troubles.csv", "claims.csv"),
    }
    assert (workplace / "figures" / "scores.png").exists()
