"""The report of a suite of many models in groups and arms: figures that stay legible, and true."""

import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from paper import paper, paper_history, paper_records

from vmi.report import figures, gallery, maps, names, planes, report, tables, training
from vmi.report.comparisons import grouped
from vmi.report.facets import by_arm
from vmi.report.labels import place_labels
from vmi.report.statistics import complete, summarise
from vmi.report.style import COLOURS, grid, looks
from vmi.suites.file import load_suite
from vmi.suites.suite import Suite

LN_K, LN_2PIE = math.log(10), math.log(2 * math.pi * math.e)
STEMS = [
    "scores",
    "scores-further",
    "scores-further-2",
    "scores-further-3",
    "bracket-information",
    "bracket-information-chosen",
    "plane",
    "seen-and-told",
    "dimensions",
    "rate-distortion",
    "bound",
    "rate-categorical",
    "training",
]


@pytest.fixture(scope="module")
def suite():
    return paper()


@pytest.fixture(scope="module")
def records(suite):
    return complete(paper_records(suite), suite)


@pytest.fixture(scope="module")
def summary(records):
    return summarise(records)


@pytest.fixture(scope="module")
def history(suite):
    return paper_history(suite)


@pytest.fixture(scope="module")
def look(suite):
    return looks(suite.models, suite.groups, suite.arms)


@pytest.fixture(scope="module")
def columns(suite, look):
    return by_arm(look, suite.arms)


@pytest.fixture(scope="module")
def latents(suite):
    return {(d, m): suite.cell(d, m)["latents"] for d in suite.datasets for m in suite.models}


def mean_of(summary, dataset, model, metric):
    """Returns the mean of one cell."""
    cell = (summary["dataset"] == dataset) & (summary["model"] == model)
    return summary[cell & (summary["metric"] == metric)]["mean"].item()


def markers(axis):
    """Returns the lines of an axis that are one marker, as (x, y)."""
    return {tuple(line.get_xydata()[0]) for line in axis.lines if len(line.get_xdata()) == 1}


def texts(axis):
    """Returns what stands in an axis."""
    return [text.get_text() for text in axis.texts]


# --- looks


def test_a_group_has_one_colour_and_an_arm_one_fill(suite, look):
    colours = {(suite.groups[m], look[m].colour) for m in look}
    fills = {(suite.arms[m], look[m].fill) for m in look}
    assert len(colours) == len(set(suite.groups.values())) == 6
    assert {colour for _, colour in colours} <= set(COLOURS[:7])
    assert fills == {("corrected", "full"), ("as published", "open"), ("Gaussian code", "half")}
    assert len(set(look.values())) == len(look) == 22


def test_a_model_and_its_published_twin_differ_by_fill_alone(look):
    for name in ("vae", "vmi-0.005", "no-q-0.01", "prior-0.01"):
        assert look[f"published-{name}"] == look[name]._replace(fill="open")


def test_models_without_groups_look_as_ever():
    plain = looks([f"m{i}" for i in range(14)])
    assert plain == looks(list(plain), {m: m for m in plain}, dict.fromkeys(plain, ""))
    assert plain["m1"][:2] == ("#D55E00", "D") and plain["m13"][:2] == plain["m1"][:2]
    assert {(own.line, own.fill) for own in plain.values()} == {("-", "full")}


@pytest.mark.parametrize("name", ["demo", "smoke"])
def test_suites_without_groups_are_not_grouped(name):
    assert not grouped(load_suite(name))
    assert set(load_suite(name).arms.values()) == {""}
    assert not grouped(SimpleNamespace(models=["vae"]))


# --- names and tables


def test_every_metric_and_model_has_a_name_and_a_family(suite, summary):
    shown = set(summary["metric"]) | set(suite.models)
    raw = {"nmi", "ari"}
    assert not [n for n in shown - raw if names.display(n) == n and n not in names.NAMES]
    assert "Further metrics" not in {names.family(m) for m in summary["metric"]}
    assert len({names.display(m) for m in suite.models}) == 22
    assert names.display("vmi-bound-1000/entropy-categorical") == "H(q(c))"
    assert names.display("information-dimensions/dimension-31") == "I(x; z_31)"
    assert names.display("no-q-0.0005") == "no Q, pays 0.0005"
    assert names.number("no-q-0.0005") == "0.0005" and names.number("info-vae") == ""


def test_headline_speaks_of_the_category_where_there_are_no_factors(summary):
    assert tables.headline(summary, "t").metrics == [
        "information",
        "information-categorical",
        "vmi-bound-1000/categorical",
        "accuracy-majority",
        "iwae-50",
    ]
    gone = summary[~summary["metric"].str.endswith("/categorical")]
    assert "vmi-bound-1000" in tables.headline(gone, "t").metrics
    dead = summary.assign(n=summary["n"].where(summary["metric"] != "accuracy-majority", 0))
    assert "accuracy-majority" not in tables.headline(dead, "t").metrics


def test_tables_leave_out_single_dimensions_and_say_where_they_are(summary):
    made = tables.families(summary)
    assert max(len(table.head) for table in made) < 16
    shown = {metric for table in made for metric in table.metrics}
    left = set(summary["metric"]) - shown
    assert left == {f"information-dimensions/dimension-{d}" for d in range(32)}
    assert ["complete.csv" in t.title for t in made] == ["information" in t.metrics for t in made]


# --- planes


def test_plane_shows_every_model_where_its_numbers_are(suite, records, summary, look):
    figure = planes.plane(records, summary, look, suite.groups, suite.arms)
    left, close, right, *_ = figure.axes
    for model in suite.models:
        pair = (mean_of(summary, "mnist", model, m) for m in (planes.RATE, planes.INFORMATION))
        assert tuple(pair) in markers(left)
    assert len(markers(left)) == 22 and len(markers(right)) == 19  # three have no category
    said = texts(left) + texts(close)
    assert sorted(said).count("VAE") == 3 and "0.0005" in texts(right)
    slopes = [np.diff(line.get_xydata(), axis=0) for line in left.lines]
    assert any(len(s) == 1 and s[0][0] == s[0][1] != 0 for s in slopes)
    assert left.get_xlim()[0] == left.get_ylim()[0]


def test_plane_shows_models_that_are_near_each_other_a_second_time(suite, records, summary, look):
    far = summary.copy()
    pair = [planes.RATE, planes.INFORMATION]
    moved = (far["model"] == "beta-vae-4") & far["metric"].isin(pair)
    far.loc[moved, ["mean", "low", "high"]] += 100
    left, close, *_ = planes.plane(records, far, look, suite.groups, suite.arms).axes
    outside = {at for at in markers(left) if at[0] > 100}
    assert len(outside) == 1 and set(markers(close)) == set(markers(left)) - outside
    assert texts(left) == ["4"]
    assert sorted([*texts(left), *texts(close)]) == sorted(
        planes.short(model, suite.groups, suite.arms) for model in suite.models
    )
    (frame,) = [patch for patch in left.patches if isinstance(patch, Rectangle)]
    assert (frame.get_x(), frame.get_y()) == (close.get_xlim()[0], close.get_ylim()[0])


def test_labels_of_points_do_not_cover_each_other():
    draw = np.random.default_rng(0)
    figure, ((axis,),) = grid(1, 1, width=5.6, height=4.6)
    points = {f"m{i}": tuple(xy) for i, xy in enumerate(draw.normal(0, 0.02, (10, 2)))}
    axis.set(xlim=(-0.2, 0.2), ylim=(-0.2, 0.2))
    figure.draw_without_rendering()
    place_labels(axis, points, dict.fromkeys(points, "0.005"), dict.fromkeys(points, "#0072B2"))
    figure.draw_without_rendering()
    boxes = [Text.get_window_extent(text) for text in axis.texts]  # without its line
    assert len(boxes) == 10
    for i, box in enumerate(boxes):
        assert not [other for other in boxes[:i] if overlaps(box, other)]


def overlaps(a, b):
    """Returns whether two boxes share more than an edge."""
    return min(a.x1, b.x1) - max(a.x0, b.x0) > 1 and min(a.y1, b.y1) - max(a.y0, b.y0) > 1


def test_rate_distortion_has_a_column_for_each_arm(records, columns):
    figure = planes.rate_distortion_by_arm(records, columns)
    titles = [axis.get_title() for axis in figure.axes]
    assert titles[:3] == ["corrected", "as published", "Gaussian code"]
    keys = [axis.get_legend() for axis in figure.axes if axis.get_legend()]
    assert [len(key.get_texts()) for key in keys] == [11, 8, 3]


# --- training


def test_bound_is_the_entropy_less_what_q_misses(history, latents):
    cell = history[(history["dataset"] == "mnist") & (history["model"] == "vmi-0.01")]
    wide = cell.pivot(index=["seed", "step"], columns="term", values="value")
    made = training.categorical_bound(history, "mnist", ["vmi-0.01", "no-q-0.01"])
    assert set(made["model"]) == {"vmi-0.01"}  # the other has no Q
    truth = wide["entropy_categorical"] - wide["missing_categorical"]
    np.testing.assert_allclose(made.set_index(["seed", "step"])["value"], truth)
    made = training.gaussian_bound(history, "mnist", {"vmi-0.01": 2})
    np.testing.assert_allclose(
        made.set_index(["seed", "step"])["value"], LN_2PIE - wide["missing_gaussian"]
    )


def test_bound_is_drawn_of_models_with_a_q_in_the_column_of_their_arm(history, columns, latents):
    figure = training.bound(history, columns, latents)
    panels = [figure.axes[i : i + 3] for i in range(0, 12, 3)]
    drawn = [[len(axis.collections) for axis in row] for row in panels]  # a band for each model
    assert drawn == [[5, 5, 0], [5, 5, 0], [5, 5, 2], [0, 0, 2]]
    assert texts(panels[0][2]) == ["no category"]
    ceilings = [line.get_ydata()[0] for line in panels[0][0].lines if line.get_ls() == "--"]
    assert LN_K in ceilings and panels[0][0].get_ylim()[1] > LN_K
    assert panels[0][0].get_ylim() == panels[0][1].get_ylim()


def test_rate_of_the_category_is_drawn_of_joint_codes(history, columns, latents):
    figure = training.rate_categorical(history, columns, latents)
    panels = figure.axes[:4]
    assert [len(axis.collections) for axis in panels] == [11, 8, 11, 8]
    curve = panels[0].lines[0]
    vae = history[(history["dataset"] == "mnist") & (history["model"] == "vae")]
    vae = vae[vae["term"] == "rate_categorical"].groupby("step")["value"].mean()
    np.testing.assert_allclose(curve.get_xydata(), np.stack([vae.index, vae], 1))


# --- rows of models


def test_seen_and_told_shows_both_quantities_and_the_entropy(summary, look):
    figure = figures.seen_and_told(summary, look, "information-categorical", "vmi-bound-1000")
    axis = figure.axes[0]
    assert len(axis.get_yticks()) == 19
    for metric, nudge in (
        ("information-categorical", -0.15),
        ("vmi-bound-1000/categorical", 0.15),
        ("vmi-bound-1000/entropy-categorical", 0.0),
    ):
        assert (mean_of(summary, "mnist", "vae", metric), nudge) in markers(axis)


def test_dimensions_are_a_map_with_the_chosen_ones_framed(summary, look, latents):
    informed = {cell: code.get("informed", 0) for cell, code in latents.items()}
    figure = maps.dimensions(summary, look, "information-dimensions", informed)
    mnist, fashion, *_ = figure.axes
    values = mnist.images[0].get_array()
    assert values.shape == (22, 32) and np.isnan(np.asarray(values)[0, 16:]).all()
    truth = mean_of(summary, "mnist", "gaussian-vmi", "information-dimensions/dimension-3")
    row = list(look).index("gaussian-vmi")
    assert values[row, 3] == pytest.approx(truth) and f"{truth:.1f}" in texts(mnist)
    frames = [[p for p in axis.patches if not p.get_fill()] for axis in (mnist, fashion)]
    assert [len(f) for f in frames] == [22, 3]  # joint codes on Fashion have none
    assert {patch.get_width() for f in frames for patch in f} == {2}


def test_many_models_stand_in_rows_beside_their_metrics(records, summary, look):
    metrics = tables.headline(summary, "").metrics
    figure = figures.scores(records, summary, look, metrics)
    assert len(figure.axes) == 10
    first, second = figure.axes[:2]
    assert [t.get_text() for t in first.get_yticklabels()][4] == "VMI-VAE, w = 0.0005"
    assert not any(t.get_text() for t in second.get_yticklabels())
    assert texts(second).count("not applicable") == 3
    edges = {to_hex(line.get_mfc()) for line in first.lines if line.get_marker() == "D"}
    assert "#ffffff" in edges  # the published ones are open


# --- the whole


def test_figures_of_many_models_draw_and_none_is_too_large(suite, records, summary, history):
    found = gallery.plans(records, summary, history, suite)
    assert [plan.stem for plan in found] == STEMS
    for plan in found:
        figure = plan.draw()
        figure.draw_without_rendering()  # warnings are errors
        width, height = figure.get_size_inches() * 160
        assert width <= 2500 and height <= 4000, plan.stem


def test_report_of_many_models(tmp_path):
    metrics, whole = ["information", "information-dimensions", "elbo"], paper()
    some = {key: whole.settings[key] for key in ("title", "latents")}
    some |= {"datasets": ["mnist"], "models": whole.settings["models"][:14], "seeds": [0, 1]}
    suite = Suite(whole.name, some | {"metrics": metrics})
    rows = paper_records(suite)
    rows[rows["metric"].str.partition("/")[0].isin(metrics)].to_csv(
        tmp_path / "records.csv", index=False
    )
    report(tmp_path, suite)
    made = {path.stem for path in (tmp_path / "figures").glob("*.png")}
    assert made == {"scores", "bracket-information", "plane", "dimensions", "rate-distortion"} | (
        {"scores-further"}
    )
    html = (tmp_path / "report.html").read_text()
    assert "0.<wbr>" not in html  # names may break, their numbers may not
    assert "The information plane" in html and "for 14 models on mnist;" in html
    assert html.count("aggregate of the N images") < 10  # not once for each dimension


def test_figures_draw_where_a_data_set_or_an_arm_has_no_numbers(suite, records, history):
    gone = records["dataset"] == "mnist"
    failed = records.assign(
        value=records["value"].mask(gone), error=records["error"].mask(gone, "it broke")
    )
    gaussian = history[history["model"].str.startswith("gaussian")]
    found = gallery.plans(failed, summarise(failed), gaussian, suite)
    assert [plan.stem for plan in found] == [stem for stem in STEMS if stem != "rate-categorical"]
    for plan in found:
        plan.draw().draw_without_rendering()


def test_figures_are_planned_only_where_their_numbers_are(suite, summary, records, history):
    few = ["elbo", "elbo/rate", "elbo/distortion"]
    some = records[records["metric"].isin(few)], summary[summary["metric"].isin(few)]
    loss = history[history["term"] == "loss"]
    stems = [plan.stem for plan in gallery.plans(*some, loss, suite)]
    assert stems == ["scores", "rate-distortion", "training"]
    empty = pd.DataFrame(columns=history.columns)
    assert "training" not in [plan.stem for plan in gallery.plans(*some, empty, suite)]
