"""The report of a suite of estimators: its numbers and its sentences are those of the records."""

import html
import json
import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from vmi.records import Record, read, write
from vmi.report import print_headline, report
from vmi.report.estimation import claims, tables
from vmi.report.estimation.panels import interval_panel
from vmi.report.estimation.statistics import cells, largest, overall
from vmi.report.names import display

TRUTHS = {name: 1.0217 for name in (*claims.DIMENSIONS, *claims.TRANSFORMS)}
TRUTHS |= {name: float(name.rpartition("-")[2]) for name in claims.STAIRCASE} | {"bumps-16": 2.0}
NOT_HERE = "not applicable: more columns than pairs"
LN_K = float(np.log(256))


def make_suite(**about):
    whole = {
        "name": "estimators",
        "given": "estimators",
        "title": "Estimators & truth",
        "description": "Known information, <small> enough to read.",
        "tasks": {"all of them": list(TRUTHS)},
        "estimators": ["ksg-3", "cca", "infonce", "mine:own"],
        "sizes": [500, 2000],
        "seeds": [0, 1, 2],
    }
    return SimpleNamespace(**whole | about)


def number(task, estimator, n, seed):
    """Errs by a known amount: less with N, and around it by seed."""
    value = TRUTHS[task] + {"ksg-3": -0.2, "cca": 0.05, "infonce": 0.0, "own": 0.3}[estimator]
    capped = min(value, LN_K) if estimator == "infonce" else value
    return capped + 0.01 * (seed - 1) + 10 / n


def record(task, estimator, n, seed):
    about = {"n": n, "truth": TRUTHS[task], "unit": "nats", "seconds": 2.0}
    if estimator == "infonce":
        about |= {"bound": "lower", "ceiling": LN_K}
        about["error"] = "beware: at its ceiling" if TRUTHS[task] > LN_K else ""
    value = number(task, estimator, n, seed)
    if (task, estimator) == ("bumps-16", "cca"):
        value, about["error"] = np.nan, NOT_HERE
    if (task, estimator, seed) == ("bumps-16", "own", 2):
        value, about["error"] = np.nan, "ValueError: seed 2 broke"
    return Record("estimators", task, estimator, seed, "information", value, **about)


def make_records(suite):
    names = [name.rpartition(":")[2] for name in suite.estimators]
    return [
        record(t, e, n, s) for t in TRUTHS for e in names for n in suite.sizes for s in (0, 1, 2)
    ]


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("estimators")
    write(make_records(make_suite()), folder / "records.csv")
    known = {"instrument": "ksg-3", "case": "rho .9", "truth": 0.83, "below": 0.05, "above": 0.01}
    rows = [known | {"got": 0.82, "holds": True}, known | {"got": np.nan, "holds": False}]
    pd.DataFrame(rows).to_csv(folder / "verify.csv")
    rungs = {"cca": "", "infonce": "lower", "rate": "upper"}
    ladder = [
        Record("ladder", "world", "exact", 0, m, 1.4, 0.1, bound=b, truth=1.5)
        for m, b in rungs.items()
    ]
    write(ladder, folder / "ladder.csv")
    report(folder, make_suite())
    return folder


@pytest.fixture(scope="module")
def summary(results):
    return cells(read(results / "records.csv"), make_suite())


def cell(summary, task, estimator, n=2000):
    keys = (summary["task"] == task) & (summary["estimator"] == estimator) & (summary["n"] == n)
    return summary[keys].iloc[0]


def test_bias_and_spread_are_those_over_seeds(summary):
    one = cell(summary, "two-pair-5", "ksg-3", 500)
    assert one["bias"] == pytest.approx(-0.2 + 10 / 500)
    assert one["spread"] == pytest.approx(0.01)  # of -.01, 0 and .01, n - 1
    assert (one["seeds"], one["failed"], one["group"]) == (3, 0, "all of them")
    assert one["low"] <= one["mean"] <= one["high"]


def test_every_cell_of_the_suite_is_there_once_and_in_order(summary):
    suite = make_suite()
    assert len(summary) == len(TRUTHS) * len(suite.estimators) * len(suite.sizes)
    assert list(dict.fromkeys(summary["task"])) == list(TRUTHS)
    assert list(dict.fromkeys(summary["estimator"])) == ["ksg-3", "cca", "infonce", "own"]


def test_inapplicable_failed_and_flagged_are_told_apart(summary):
    absent = cell(summary, "bumps-16", "cca")
    assert (absent["seeds"], absent["inapplicable"], absent["failed"]) == (0, 3, 0)
    partly = cell(summary, "bumps-16", "own")
    assert (partly["seeds"], partly["failed"]) == (2, 1)
    assert partly["mean"] == pytest.approx(2.3 - 0.005 + 10 / 2000)
    assert cell(summary, "staircase-10", "infonce")["flagged"] == 3


def test_a_cell_without_a_record_is_one_that_failed():
    suite = make_suite()
    rows = [r for r in make_records(suite) if (r.dataset, r.model) != ("two-pair-3", "cca")]
    frame = pd.DataFrame([vars(r) for r in rows])
    lost = cell(cells(frame, suite), "two-pair-3", "cca")
    assert (lost["seeds"], lost["failed"], lost["reason"]) == (0, 3, "no record was written")
    assert lost["truth"] == TRUTHS["two-pair-3"]


def test_overall_counts_the_tasks_within_a_tenth_of_a_nat(summary):
    rows = overall(summary).set_index(["estimator", "n"])
    good = rows.loc[("cca", 2000)]
    assert (good["close"], good["tasks"]) == (len(TRUTHS) - 1, len(TRUTHS) - 1)
    assert good["bias"] == pytest.approx(0.05 + 10 / 2000)
    capped = rows.loc[("infonce", 2000)]
    assert capped["worst"] == "staircase-10"
    assert capped["close"] == len(TRUTHS) - 3  # 6, 8 and 10 nats are above ln 256
    assert rows.loc[("ksg-3", 2000), "close"] == 0


def test_sentences_hold_the_numbers_of_the_records(summary):
    far = cell(summary, "two-pair-25", "ksg-3")["mean"]
    assert f"{far:.2f} on {display('two-pair-25')}" in claims.dimension(summary, "ksg-3")
    top = cell(summary, "staircase-10", "infonce")
    said = claims.ceiling(summary, "infonce")
    assert f"says {top['mean']:.2f} of 10 nats" in said and f"ceiling of {LN_K:.2f}" in said
    assert "1.07 of 1.02" in claims.gaussian(summary, "cca").replace("1.08", "1.07")
    assert claims.dimension(summary, "unheard-of") == claims.ceiling(summary, "unheard-of") == ""
    assert display("cca") in claims.near_truth(overall(summary))


def test_table_of_tasks_holds_mean_and_spread(summary):
    (table,) = tables.by_task(summary)
    row = next(r for r in table.rows if r[0].text == display("two-pair-5"))
    means = largest(summary).set_index(["task", "estimator"])["mean"]
    assert row[2].text == f"{means['two-pair-5', 'ksg-3']:.2f} [0.01]"
    last = table.rows[-1]
    assert last[3].text == "–" and table.notes[last[3].notes[0] - 1] == NOT_HERE
    assert "1 of 3 seeds" in table.notes[last[5].notes[0] - 1]


def test_page_holds_the_tables_and_names_what_failed(results):
    written = (results / "report.html").read_text()
    page, suite = html.unescape(written), make_suite()
    for row in tables.headline(overall(cells(read(results / "records.csv"), suite)), "").rows:
        for entry in row:
            assert entry.text in page
    assert NOT_HERE in page and "ValueError: seed 2 broke" in page and "at its ceiling" in page
    assert "2 known answers" in page and ">NO<" in page
    assert not re.search(r"\bnan\b", page, re.IGNORECASE)
    assert (
        "<small> enough" in page and "&lt;small&gt; enough" in (results / "report.html").read_text()
    )


def test_every_figure_is_drawn_and_the_manifest_says_what_ran(results):
    made = {path.stem for path in (results / "figures").glob("*.png")}
    assert made == {"failures", "staircase", "bias", "spread", "sizes", "pictures", "ladder"}
    facts = json.loads((results / "manifest.json").read_text())
    assert facts["sizes"] == [500, 2000] and facts["tasks"]["all of them"] == list(TRUTHS)
    assert facts["seconds"]["estimation"] == pytest.approx(2.0 * 4 * 2 * 3 * len(TRUTHS))


def test_a_small_suite_has_the_figures_it_has_numbers_for(tmp_path):
    suite = make_suite(tasks={"one": ["mine:task"]}, estimators=["cca"], sizes=[100])
    write(
        [Record("estimators", "task", "cca", 0, "information", 1.0, n=100, truth=1.1)],
        tmp_path / "records.csv",
    )
    report(tmp_path, suite)
    assert {p.stem for p in (tmp_path / "figures").glob("*.png")} == {"bias", "spread"}


def test_printed_headline_is_the_table(results, capsys):
    print_headline(results)
    printed = capsys.readouterr().out
    assert display("infonce") in printed and printed.splitlines()[-1].endswith("report.html")


def test_a_mean_far_off_stands_as_a_number_at_the_edge():
    axis = Figure().subplots()
    about = {"low": [1.9, 30.0, -60.0], "high": [2.1, 40.0, -40.0], "truth": 2.0}
    rows = pd.DataFrame({"estimator": ["a", "b", "c"], "mean": [2.0, 34.5, -51.6], **about})
    interval_panel(axis, rows, ["a", "b", "c"])
    assert axis.get_xlim() == (-2, 6)
    assert [text.get_text() for text in axis.texts] == ["34.5 →", "← −51.6"]
    diamonds = [line for line in axis.lines if line.get_marker() == "D"]
    assert [list(line.get_xdata()) for line in diamonds] == [[2.0]]
