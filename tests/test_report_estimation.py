"""The report of a suite of estimators: its numbers and its sentences are those of the records."""

import html
import json
import re

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from vmi.estimate import Estimate
from vmi.records import Place, Record, read, write
from vmi.report import print_headline, report
from vmi.report.numbers import Numbers
from vmi.report.parts.by_task import by_group
from vmi.report.parts.failures import DIMENSIONS, STAIRCASE, TRANSFORMS, change
from vmi.report.parts.flags import ALL, flags, shares
from vmi.report.parts.images import interval_panel
from vmi.report.parts.overall import headline, near_truth, overall
from vmi.stages.where import Where
from vmi.statistics import wilson
from vmi.suites.suite import Suite

TRUTHS = {name: 1.0217 for name in (*DIMENSIONS, *TRANSFORMS)}
TRUTHS |= {name: float(name.rpartition("-")[2]) for name in STAIRCASE} | {"bumps-16": 2.0}
TOO_WIDE = "more columns than pairs"
LN_K = float(np.log(256))


def make_suite(**about):
    whole = {
        "title": "Estimators & truth",
        "description": "Known information, <small> enough to read.",
        "tasks": {"all of them": list(TRUTHS)},
        "estimators": ["ksg-3", "cca", "infonce", "mine:own"],
        "sizes": [500, 2000],
        "seeds": [0, 1, 2],
    }
    return Suite("estimators", whole | about)


def number(task, estimator, n, seed):
    """Errs by a known amount: less with N, and around it by seed."""
    value = TRUTHS[task] + {"ksg-3": -0.2, "cca": 0.05, "infonce": 0.0, "own": 0.3}[estimator]
    capped = min(value, LN_K) if estimator == "infonce" else value
    return capped + 0.01 * (seed - 1) + 10 / n


def record(task, estimator, n, seed):
    made = Estimate(number(task, estimator, n, seed), unit="nats")
    if estimator == "infonce":
        warning = "at its ceiling" if TRUTHS[task] > LN_K else ""
        about = {"bound": "lower", "ceiling": LN_K, "warning": warning}
        made = Estimate(made.value, unit="nats", **about)
    if (task, estimator) == ("bumps-16", "cca"):
        made = Estimate.not_applicable(TOO_WIDE)
    if (task, estimator, seed) == ("bumps-16", "own", 2):
        made = Estimate.failed("ValueError: seed 2 broke")
    place = Place("estimators", task, estimator, size=n, seed=seed)
    return Record.of(place, "information", made, truth=TRUTHS[task], seconds=2.0)


def make_records(suite):
    names = suite.rows_of("methods")
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
    rungs = {"cca": "", "infonce": "lower", "information/rate": "upper"}
    ladder = [
        Record("ladder", "world", "exact", "", 0, 0, m, 1.4, stderr=0.1, bound=b, truth=1.5)
        for m, b in rungs.items()
    ]
    write(ladder, folder / "ladder.csv")
    report(make_suite(), folder)
    return folder


@pytest.fixture(scope="module")
def numbers(results):
    return Numbers(make_suite(), Where(results), read(results / "records.csv"))


@pytest.fixture(scope="module")
def summary(numbers):
    return numbers.summary


def cell(summary, task, method, size=2000):
    keys = (summary["task"] == task) & (summary["method"] == method) & (summary["size"] == size)
    return summary[keys].iloc[0]


def test_bias_and_spread_are_those_over_seeds(summary):
    one = cell(summary, "two-pair-5", "ksg-3", 500)
    assert one["bias"] == pytest.approx(-0.2 + 10 / 500)
    assert one["spread"] == pytest.approx(0.01)  # of -.01, 0 and .01, n - 1
    assert (one["n"], one["failed"]) == (3, 0)
    assert one["low"] <= one["mean"] <= one["high"]


def test_every_cell_of_the_suite_is_there_once_and_in_order(summary):
    suite = make_suite()
    assert len(summary) == len(TRUTHS) * len(suite.methods) * len(suite.sizes)
    assert list(dict.fromkeys(summary["task"])) == list(TRUTHS)
    assert list(dict.fromkeys(summary["method"])) == ["ksg-3", "cca", "infonce", "own"]


def test_inapplicable_failed_and_warned_are_told_apart(summary):
    absent = cell(summary, "bumps-16", "cca")
    assert (absent["n"], absent["inapplicable"], absent["failed"]) == (0, 3, 0)
    partly = cell(summary, "bumps-16", "own")
    assert (partly["n"], partly["failed"]) == (2, 1)
    assert partly["mean"] == pytest.approx(2.3 - 0.005 + 10 / 2000)
    assert cell(summary, "staircase-10", "infonce")["warned"] == 3


def test_a_cell_without_a_record_is_one_that_failed():
    suite = make_suite()
    rows = [r for r in make_records(suite) if (r.task, r.method) != ("two-pair-3", "cca")]
    rows = [r for r in rows if r.task in ("two-pair-3", "two-pair-5")]
    found = Numbers(suite, Where(None), pd.DataFrame([vars(r) for r in rows]))
    lost = cell(found.summary, "two-pair-3", "cca")
    assert (lost["n"], lost["failed"], lost["failure"]) == (0, 3, "no record was written")
    assert lost["truth"] == TRUTHS["two-pair-3"]


def test_overall_counts_the_tasks_within_a_tenth_of_a_nat(summary):
    rows = overall(summary).set_index(["method", "size"])
    good = rows.loc[("cca", 2000)]
    assert (good["close"], good["tasks"]) == (len(TRUTHS) - 1, len(TRUTHS) - 1)
    assert good["bias"] == pytest.approx(0.05 + 10 / 2000)
    capped = rows.loc[("infonce", 2000)]
    assert capped["worst"] == "staircase-10"
    assert capped["close"] == len(TRUTHS) - 3  # 6, 8 and 10 nats are above ln 256
    assert rows.loc[("ksg-3", 2000), "close"] == 0


def test_headline_marks_the_estimator_that_is_most_often_right(numbers):
    table = headline(numbers)
    best = {row[0].text: [cell.text for cell in row if cell.best] for row in table.rows}
    closest = f"{len(TRUTHS) - 1}"
    assert best == {"KSG-1, k = 3": [], "CCA": [closest], "InfoNCE": ["0.005"], "own": []}


def test_sentences_hold_the_numbers_of_the_records(numbers, summary):
    far = cell(summary, "two-pair-25", "ksg-3")["mean"]
    sentence = change(numbers, "ksg-3", DIMENSIONS)
    assert re.match(rf"KSG-1, k = 3 says {far:.2f} of 1.02 nats on two-pair-2 and ", sentence)
    top = cell(summary, "staircase-10", "infonce")
    sentence = change(numbers, "infonce", STAIRCASE)
    assert f"{top['mean']:.2f} of 10.00 nats on staircase-10" in sentence
    assert sentence.endswith(f"under its ceiling of {LN_K:.2f}.")
    assert change(numbers, "unheard-of", DIMENSIONS) == ""
    assert "CCA" in near_truth(numbers)


def test_table_of_tasks_holds_mean_and_spread(numbers):
    (table,) = by_group(numbers)
    row = next(r for r in table.rows if r[0].text == "two-pair-5")
    means = numbers.shown.set_index(["task", "method"])["mean"]
    assert row[2].text == f"{means['two-pair-5', 'ksg-3']:.2f} [0.01]"
    last = table.rows[-1]
    note = table.notes[last[3].notes[0] - 1]
    assert last[3].text == "–" and note == f"not applicable: {TOO_WIDE}"
    assert "1 of 3 seeds" in table.notes[last[5].notes[0] - 1]


def test_page_holds_the_tables_and_names_what_failed(results, numbers):
    written = (results / "report.html").read_text()
    page = html.unescape(written)
    for row in headline(numbers).rows:
        for entry in row:
            assert entry.text in page
    assert TOO_WIDE in page and "ValueError: seed 2 broke" in page and "at its ceiling" in page
    assert "2 known answers" in page and ">NO<" in page
    assert not re.search(r"\bnan\b", page, re.IGNORECASE)
    assert "<small> enough" in page and "&lt;small&gt; enough" in written


def test_page_says_how_to_read_an_estimate(results):
    page = html.unescape((results / "report.html").read_text())
    reading = page[page.index('id="how-to-read-it"') : page.index('id="figures"')]
    assert "known on paper for each task" in reading and "cannot pass ln K" in reading
    assert "the mean over seeds less the truth" in reading


def test_troubles_name_the_sizes_that_they_are_of(results):
    table = pd.read_csv(results / "tables" / "troubles.csv")
    capped = table[(table["state"] == "beware") & (table["task"] == "staircase-10")]
    assert capped["size"].tolist() == [500, 2000] and set(capped["method"]) == {"infonce"}
    assert set(capped["seeds"]) == {"0, 1, 2"} and set(capped["reason"]) == {"at its ceiling"}


def test_every_figure_is_plotted_and_the_manifest_says_what_ran(results):
    made = {path.stem for path in (results / "figures").glob("*.png")}
    assert made == {
        "reliability",
        "failures",
        "staircase",
        "bias",
        "spread",
        "sizes",
        "pictures",
        "ladder",
    }
    facts = json.loads((results / "manifest.json").read_text())
    assert facts["sizes"] == [500, 2000] and facts["tasks"] == list(TRUTHS)
    assert facts["seconds"] == {"measuring": pytest.approx(2.0 * 4 * 2 * 3 * len(TRUTHS))}


def test_a_small_suite_has_the_figures_it_has_numbers_for(tmp_path):
    suite = make_suite(tasks={"one": ["mine:task"]}, estimators=["cca"], sizes=[100])
    place = Place("estimators", "task", "cca", size=100)
    write([Record.of(place, "information", Estimate(1.0), truth=1.1)], tmp_path / "records.csv")
    report(suite, tmp_path)
    assert {p.stem for p in (tmp_path / "figures").glob("*.png")} == {
        "reliability",
        "bias",
        "spread",
    }


def test_printed_headline_is_the_table(results, capsys):
    print_headline(results)
    printed = capsys.readouterr().out
    assert "InfoNCE" in printed and printed.splitlines()[-1].endswith("report.html")


def test_a_mean_far_off_stands_as_a_number_at_the_edge():
    axis = Figure().subplots()
    about = {"low": [1.9, 30.0, -60.0], "high": [2.1, 40.0, -40.0], "truth": 2.0}
    rows = pd.DataFrame({"method": ["a", "b", "c"], "mean": [2.0, 34.5, -51.6], **about})
    interval_panel(axis, rows, ["a", "b", "c"])
    assert axis.get_xlim() == (-2, 6)
    assert [text.get_text() for text in axis.texts] == ["34.5 →", "← −51.6"]
    diamonds = [line for line in axis.lines if line.get_marker() == "D"]
    assert [list(line.get_xdata()) for line in diamonds] == [[2.0]]


# --- flags


def estimate_of(method, off, *, flagged=False, stderr=0.1, state="value"):
    """Creates the row of an estimate that is off by so much."""
    made = Estimate(1.0 + off, stderr, warning="few" * flagged)
    made = made if state == "value" else Estimate.failed("lost")
    place = Place("s", "t", method, size=500, seed=0)
    return Record.of(place, "information", made, truth=1.0)


def test_shares_of_flags_and_of_intervals_that_cover_are_counted():
    rows = [
        *(estimate_of("a", 0.05, flagged=i == 0) for i in range(20)),  # right: 1 of 20
        *(estimate_of("a", -0.5, flagged=i > 0) for i in range(10)),  # wrong: 9 of 10
        estimate_of("a", 0.2, flagged=True),  # neither; within its error, just
        estimate_of("b", 0.0, stderr=np.nan),
        estimate_of("b", 0.0, state="failed"),
    ]
    found = shares(pd.DataFrame([vars(row) for row in rows])).set_index(["method", "question"])
    counts = {key: (row["count"], row["n"]) for key, row in found.iterrows()}
    assert counts == {
        ("a", "right"): (1, 20),
        ("a", "wrong"): (9, 10),
        ("a", "covers"): (20, 31),  # .2 is more than 1.96 x .1
        ("b", "right"): (0, 1),
        ("b", "wrong"): (0, 0),
        ("b", "covers"): (0, 0),
        (ALL, "right"): (1, 21),
        (ALL, "wrong"): (9, 10),
        (ALL, "covers"): (20, 31),
    }
    share, *ends = found.loc[("a", "wrong"), ["share", "low", "high"]]
    assert share == 0.9 and tuple(ends) == pytest.approx(wilson(9, 10))
    assert np.isnan(found.loc[("b", "wrong"), "share"])


def test_page_table_and_figure_say_which_estimates_are_flagged(results, numbers):
    page = (results / "report.html").read_text()
    section = page[page.index('id="reliability"') : page.index('id="figures"')]
    assert "within ± 1.96 stderr" in section and "spread and not of bias" in section
    table = pd.read_csv(results / "tables" / "reliability.csv")
    assert set(table["method"]) == {*numbers.suite.methods, ALL}
    mine = table[(table["method"] == "infonce") & (table["question"] == "wrong")].iloc[0]
    assert (mine["count"], mine["n"]) == (18, 18)  # staircases of 6, 8 and 10 nats, over ln 256
    figure = flags(numbers, shares(numbers.records))
    for axis, asked in zip(figure.axes, (5, 90, 95), strict=True):
        assert asked in [line.get_xdata()[0] for line in axis.lines]
        assert len(axis.get_yticks()) == len(numbers.looks) + 1
