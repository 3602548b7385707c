"""A third kind of suite: a dozen lines of a user's own, and everything else follows."""

import shutil

import pytest
import yaml
from running import snakemake

from vmi import records
from vmi.__main__ import main

# Learners of graphs on three nodes: a chain is drawn, and the answer is a graph.
KIND = """
import numpy as np
from vmi.cards import Card
from vmi.registry import Registry
from vmi.suites.kinds import Kind, Noun

class Chain:
    graph = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]])
    truths = {"hamming": 0.0}
    def sample(self, n, generator):
        draw = np.random.default_rng(generator.initial_seed())
        return np.cumsum(draw.normal(size=(n, 3)), 1)

def threshold(x, *, least=0.2):
    near = np.abs(np.linalg.inv(np.cov(x.T))) > least
    return near & ~np.eye(3, dtype=bool)

def empty(x):
    return np.zeros((3, 3), bool)

def answer(task, method, settings, samples, generators):
    graphs = [method(x, **settings) for x in samples]
    return [np.triu(graph != task.graph, 1).sum() for graph in graphs]

CARD = Card(name="Hamming distance", better="down", headline=True, heading="Graphs",
            reading="Edges that are wrong; 0 is the graph itself.")
KIND = Kind(
    Noun("graphs", Registry("graph", {"chain": "mine:Chain"}), "graph"),
    Noun("learners", Registry("learner", {"threshold": "mine:threshold", "empty": "mine:empty"}),
         "learner", "names"),
    Registry("score", {"hamming": CARD}),
    answer="mine:answer",
)
"""

SUITE = {
    "kind": "mine:KIND",
    "title": "Graphs of three nodes",
    "seeds": [0, 1, 2],
    "sizes": [20, 200],
    "graphs": ["chain"],
    "learners": ["threshold-0.3", "empty"],
    "claims": [
        {
            "id": "better",
            "sentence": "A threshold finds edges.",
            "source": "here",
            "left": {"learner": "threshold-0.3"},
            "is": "below",
            "right": {"learner": "empty"},
        }
    ],
}


def write(folder, **changes):
    (folder / "mine.py").write_text(KIND)
    (folder / "suite.yaml").write_text(yaml.safe_dump({**SUITE, **changes}))


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """The suite of the third kind; run once."""
    folder = tmp_path_factory.mktemp("graphs")
    write(folder)
    done = snakemake(folder)
    assert done.returncode == 0, done.stderr
    return folder / "results/suite"


def test_every_cell_of_the_grid_has_its_row(results):
    rows = records.read(results / "records.csv")
    assert len(rows) == 2 * 2 * 3 and set(rows["measure"]) == {"hamming"}
    assert set(rows["method"]) == {"threshold-0.3", "empty"}
    assert set(rows.loc[rows["method"] == "empty", "value"]) == {2.0}
    assert rows.loc[rows["method"] != "empty", "value"].lt(2).all()
    assert set(rows["truth"]) == {0.0}


def test_the_tables_the_claims_and_the_page_follow(results):
    headline = (results / "tables/headline.md").read_text()
    assert "Hamming distance" in headline and "threshold-0.3" in headline
    assert "A threshold finds edges." in (results / "claims.md").read_text()
    assert "holds" in (results / "claims.md").read_text()
    page = (results / "report.html").read_text()
    for text in ("Graphs of three nodes", "1 graph", "2 learners", "Edges that are wrong", "chain"):
        assert text in page
    assert list((results / "figures").glob("*.png"))


def test_it_is_published_and_taken_back(results, workplace, capsys):
    shutil.copytree(results.parent.parent, workplace, dirs_exist_ok=True)
    results = workplace / "results/suite"
    assert main(["publish", "--suite", "suite.yaml", "--cells"]) == 0
    results.rename(results.with_name("before"))
    assert main(["restore", "--suite", "suite.yaml"]) == 0
    assert capsys.readouterr().out == "took back 2 of the 2 cells of the suite\n"
    assert (results / "cells/chain/empty/0-2/records.csv").is_file()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"learners": ["threshhold"]}, "did you mean 'threshold'"),
        ({"graphs": ["ring"]}, "unknown graph 'ring'"),
        ({"models": ["vae"]}, "unknown key in the suite: 'models'"),
        ({"sizes": [0]}, "sizes.0"),
    ],
)
def test_what_is_wrong_with_it_is_one_line(workplace, changes, said, capsys):
    write(workplace, **changes)
    assert main(["check", "--suite", "suite.yaml"]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and said in error


def test_a_good_one_passes_the_check(workplace):
    write(workplace)
    assert main(["check", "--suite", "suite.yaml"]) == 0
