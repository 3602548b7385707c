"""The report of many models in groups and variants: figures that stay legible, and true."""

import math

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from paper import paper, paper_history, paper_records

from vmi.cards import number
from vmi.records import write_csv
from vmi.report import report
from vmi.report.blocks import Plot
from vmi.report.build import sections
from vmi.report.labels import place_labels
from vmi.report.numbers import Numbers
from vmi.report.parts import numbers as all_numbers
from vmi.report.parts.dimensions import dimensions
from vmi.report.parts.information_plane import INFORMATION, RATE, plane, short
from vmi.report.parts.rate_distortion import rate_distortion
from vmi.report.parts.scores import scores
from vmi.report.parts.seen_and_read import seen_and_read
from vmi.report.parts.training_bound import (
    bound,
    categorical_bound,
    gaussian_bound,
    rate_categorical,
)
from vmi.report.style import COLOURS, grid, looks, many
from vmi.stages.where import Where
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


def numbers_of(folder, suite, rows, history):
    """Returns the numbers of a report whose folder holds a history."""
    write_csv(folder / "history.csv", list(history), history.itertuples(index=False))
    return Numbers(suite, Where(folder), rows)


def plots(numbers):
    """Returns the figures of a report, in the order of the page."""
    return [b for section in sections(numbers) for b in section.blocks if isinstance(b, Plot)]


@pytest.fixture(scope="module")
def suite():
    return paper()


@pytest.fixture(scope="module")
def rows(suite):
    return paper_records(suite)


@pytest.fixture(scope="module")
def numbers(suite, rows, tmp_path_factory):
    return numbers_of(tmp_path_factory.mktemp("paper"), suite, rows, paper_history(suite))


@pytest.fixture(scope="module")
def summary(numbers):
    return numbers.summary


@pytest.fixture(scope="module")
def history(numbers):
    return numbers.history


@pytest.fixture(scope="module")
def look(numbers):
    return numbers.looks


@pytest.fixture(scope="module")
def some(suite, rows, history):
    """As many models as make figures turn around, of every group and variant, and two seeds."""
    names = [name for name in suite.methods if not name.endswith(("0.0005", "0.005", "beta-vae-4"))]
    assert many(names)
    settings = {key: value for key, value in suite.settings.items() if key != "claims"}
    entries = [entry for entry in settings["models"] if entry["name"] in names]
    less = Suite(suite.name, settings | {"models": entries, "seeds": [0, 1]})
    frames = (f[f["method"].isin(names) & f["seed"].isin(less.seeds)] for f in (rows, history))
    return less, *frames


def mean_of(summary, task, method, measure):
    """Returns the mean of one cell."""
    cell = (summary["task"] == task) & (summary["method"] == method)
    return summary[cell & (summary["measure"] == measure)]["mean"].item()


def markers(axis):
    """Returns the lines of an axis that are one marker, as (x, y)."""
    return {tuple(line.get_xydata()[0]) for line in axis.lines if len(line.get_xdata()) == 1}


def texts(axis):
    """Returns what stands in an axis."""
    return [text.get_text() for text in axis.texts]


# --- looks


def test_a_group_has_one_colour_and_a_variant_one_fill(suite, look):
    colours = {(suite.groups[m], look[m].colour) for m in look}
    fills = {(suite.variants[m], look[m].fill) for m in look}
    assert len(colours) == len(set(suite.groups.values())) == 6
    assert {colour for _, colour in colours} <= set(COLOURS[:7])
    assert fills == {("corrected", "full"), ("as published", "open"), ("Gaussian code", "half")}
    assert len(set(look.values())) == len(look) == 22


def test_a_model_and_its_published_twin_differ_by_fill_alone(look):
    for name in ("vae", "vmi-0.005", "no-q-0.01", "prior-0.01"):
        twin = look[f"published-{name}"]
        assert twin == look[name]._replace(fill="open", name=twin.name)


def test_models_without_groups_look_as_ever():
    names = {f"m{i}": f"M {i}" for i in range(14)}
    plain = looks(names)
    assert plain == looks(names, {m: m for m in plain}, dict.fromkeys(plain, ""))
    assert plain["m1"][:2] == ("#D55E00", "D") and plain["m13"][:2] == plain["m1"][:2]
    assert {(own.line, own.fill) for own in plain.values()} == {("-", "full")}


@pytest.mark.parametrize("name", ["demo", "smoke"])
def test_suites_without_groups_are_not_grouped(name, rows, tmp_path):
    found = Numbers(load_suite(name), Where(tmp_path), rows)
    assert not found.grouped and set(found.columns) == {""}
    assert Numbers(paper(), Where(tmp_path), rows).grouped


# --- names and tables


def test_every_measure_and_model_has_a_name_and_a_heading(suite, numbers, summary):
    for measure in summary["measure"].unique():
        card = suite.card("measures", measure)
        assert card.heading and card.name != measure
    names = {numbers.name("methods", model) for model in suite.methods}
    assert len(names) == 22 and not names & set(suite.methods)
    assert numbers.name("measures", "vmi-bound-1000/entropy-categorical") == "H(q(c))"
    assert numbers.name("measures", "information-dimensions/dimension-31") == "I(x; z_31)"
    assert numbers.name("methods", "no-q-0.0005") == "no Q, pays 0.0005"
    assert number("no-q-0.0005") == "0.0005" and number("info-vae") == ""


def test_headline_is_what_the_suite_says_of_what_has_a_number(suite, rows, numbers, tmp_path):
    assert (
        numbers.headline
        == suite.headline
        == [
            "information",
            "information-categorical",
            "vmi-bound-1000/categorical",
            "accuracy-majority",
            "iwae-50",
        ]
    )
    alive = rows["measure"].isin(["information", "iwae-50", "nmi"])
    assert Numbers(suite, Where(tmp_path), rows[alive]).headline == ["information", "iwae-50"]


def test_tables_leave_out_single_dimensions_and_say_where_they_are(numbers, summary):
    made = all_numbers.by_heading(numbers)
    assert max(len(table.head) for table in made) < 16
    shown = {measure for table in made for measure in table.measures}
    left = set(summary["measure"]) - shown
    assert left == {f"information-dimensions/dimension-{d}" for d in range(32)} | (
        {"information-dimensions/category-0"}
    )
    assert ["complete.csv" in t.title for t in made] == ["information" in t.measures for t in made]


# --- planes


def test_plane_shows_every_model_where_its_numbers_are(suite, numbers, summary):
    figure = plane(numbers)
    left, close, right, *_ = figure.axes
    for model in suite.methods:
        pair = (mean_of(summary, "mnist", model, m) for m in (RATE, INFORMATION))
        assert tuple(pair) in markers(left)
    assert len(markers(left)) == 22 and len(markers(right)) == 19  # three have no category
    assert (texts(left) + texts(close)).count("VAE") == 3 and "0.0005" in texts(right)
    slopes = [np.diff(line.get_xydata(), axis=0) for line in left.lines]
    assert any(len(s) == 1 and s[0][0] == s[0][1] != 0 for s in slopes)
    assert left.get_xlim()[0] == left.get_ylim()[0]


def test_plane_shows_models_that_are_near_each_other_a_second_time(suite, numbers, rows):
    rows = rows[rows["measure"].isin([RATE, INFORMATION])]
    moved = rows["method"] == "beta-vae-4"
    far = Numbers(suite, numbers.where, rows.assign(value=rows["value"] + 100.0 * moved))
    left, close, *_ = plane(far).axes
    outside = {at for at in markers(left) if at[0] > 100}
    assert len(outside) == 1 and set(markers(close)) == set(markers(left)) - outside
    assert texts(left) == ["4"]
    assert sorted([*texts(left), *texts(close)]) == sorted(
        short(model, numbers) for model in suite.methods
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


def test_rate_distortion_has_a_column_for_each_variant(numbers):
    figure = rate_distortion(numbers)
    titles = [axis.get_title() for axis in figure.axes]
    assert titles[:3] == ["corrected", "as published", "Gaussian code"]
    keys = [axis.get_legend() for axis in figure.axes if axis.get_legend()]
    assert [len(key.get_texts()) for key in keys] == [11, 8, 3]


# --- training


def test_bound_is_the_entropy_less_what_q_misses(history):
    cell = history[(history["task"] == "mnist") & (history["method"] == "vmi-0.01")]
    wide = cell.pivot(index=["seed", "step"], columns="term", values="value")
    made = categorical_bound(history, "mnist", ["vmi-0.01", "no-q-0.01"])
    assert set(made["method"]) == {"vmi-0.01"}  # the other has no Q
    truth = wide["entropy_categorical"] - wide["missing_categorical"]
    np.testing.assert_allclose(made.set_index(["seed", "step"])["value"], truth)
    made = gaussian_bound(history, "mnist", {"vmi-0.01": 2})
    np.testing.assert_allclose(
        made.set_index(["seed", "step"])["value"], LN_2PIE - wide["missing_gaussian"]
    )


def test_bound_is_plotted_of_models_with_a_q_in_the_column_of_their_variant(numbers):
    figure = bound(numbers)
    panels = [figure.axes[i : i + 3] for i in range(0, 12, 3)]
    bands = [[len(axis.collections) for axis in row] for row in panels]  # one for each model
    assert bands == [[5, 5, 0], [5, 5, 0], [5, 5, 2], [0, 0, 2]]
    assert texts(panels[0][2]) == ["no category"]
    ceilings = [line.get_ydata()[0] for line in panels[0][0].lines if line.get_ls() == "--"]
    assert LN_K in ceilings and panels[0][0].get_ylim()[1] > LN_K
    assert panels[0][0].get_ylim() == panels[0][1].get_ylim()


def test_rate_of_the_category_is_plotted_of_joint_codes(numbers, history):
    figure = rate_categorical(numbers)
    panels = figure.axes[:4]
    assert [len(axis.collections) for axis in panels] == [11, 8, 11, 8]
    curve = panels[0].lines[0]
    vae = history[(history["task"] == "mnist") & (history["method"] == "vae")]
    vae = vae[vae["term"] == "rate_categorical"].groupby("step")["value"].mean()
    np.testing.assert_allclose(curve.get_xydata(), np.stack([vae.index, vae], 1))


# --- rows of models


def test_seen_and_read_shows_both_quantities_and_the_entropy(numbers, summary):
    figure = seen_and_read(numbers)
    axis = figure.axes[0]
    assert len(axis.get_yticks()) == 19
    for metric, nudge in (
        ("information-categorical", -0.15),
        ("vmi-bound-1000/categorical", 0.15),
        ("vmi-bound-1000/entropy-categorical", 0.0),
    ):
        assert (mean_of(summary, "mnist", "vae", metric), nudge) in markers(axis)


def test_dimensions_are_a_map_with_the_chosen_ones_framed(numbers, summary, look):
    figure = dimensions(numbers)
    mnist, fashion, *_ = figure.axes
    values = mnist.images[0].get_array()
    assert values.shape == (22, 32) and np.isnan(np.asarray(values)[0, 16:]).all()
    truth = mean_of(summary, "mnist", "gaussian-vmi", "information-dimensions/dimension-3")
    row = list(look).index("gaussian-vmi")
    assert values[row, 3] == pytest.approx(truth) and f"{truth:.1f}" in texts(mnist)
    frames = [[p for p in axis.patches if not p.get_fill()] for axis in (mnist, fashion)]
    assert [len(f) for f in frames] == [22, 3]  # joint codes on Fashion have none
    assert {patch.get_width() for f in frames for patch in f} == {2}


def test_many_models_stand_in_rows_beside_their_measures(numbers):
    figure = scores(numbers, numbers.headline)
    assert len(figure.axes) == 10
    first, second = figure.axes[:2]
    assert [t.get_text() for t in first.get_yticklabels()][4] == "VMI-VAE, w = 0.0005"
    assert not any(t.get_text() for t in second.get_yticklabels())
    assert texts(second).count("not applicable") == 3
    edges = {to_hex(line.get_mfc()) for line in first.lines if line.get_marker() == "D"}
    assert "#ffffff" in edges  # the published ones are open


# --- the whole


def test_figures_of_many_models_are_plotted_and_none_is_too_large(numbers):
    found = plots(numbers)
    assert [plot.stem for plot in found] == STEMS
    for plot in found:
        figure = plot.make()
        figure.draw_without_rendering()  # warnings are errors
        width, height = figure.get_size_inches() * 160
        assert width <= 2500 and height <= 4000, plot.stem


def test_report_of_many_models(tmp_path):
    measures, whole = ["information", "information-dimensions", "elbo"], paper()
    some = {key: whole.settings[key] for key in ("title", "latents")}
    some |= {"datasets": ["mnist"], "models": whole.settings["models"][:14], "seeds": [0, 1]}
    suite = Suite(whole.name, some | {"metrics": measures})
    rows = paper_records(suite)
    rows = rows[rows["measure"].str.partition("/")[0].isin(measures)]
    rows.to_csv(tmp_path / "records.csv", index=False)
    report(suite, tmp_path)
    made = {path.stem for path in (tmp_path / "figures").glob("*.png")}
    assert made == {"scores", "bracket-information", "plane", "dimensions", "rate-distortion"} | (
        {"scores-further"}
    )
    html = (tmp_path / "report.html").read_text()
    assert "0.<wbr>" not in html  # names may break, their numbers may not
    assert "The information plane" in html and "for 14 models on mnist;" in html
    assert html.count("aggregate of the N images") < 10  # not once for each dimension


def test_figures_are_plotted_where_a_data_set_or_a_variant_has_no_numbers(some, tmp_path):
    suite, rows, history = some
    gone = rows["task"] == "mnist"
    failed = rows.assign(
        value=rows["value"].mask(gone),
        state=rows["state"].mask(gone, "failed"),
        error=rows["error"].mask(gone, "it broke"),
    )
    gaussian = history[history["method"].str.startswith("gaussian")]
    found = plots(numbers_of(tmp_path, suite, failed, gaussian))
    assert [plot.stem for plot in found] == [stem for stem in STEMS if stem != "rate-categorical"]
    for plot in found:
        plot.make().draw_without_rendering()


def test_figures_are_there_only_where_their_numbers_are(some, tmp_path):
    suite, rows, history = some
    few = rows[rows["measure"].isin(["elbo", "elbo/rate", "elbo/distortion"])]
    loss = history[history["term"] == "loss"]
    found = plots(numbers_of(tmp_path / "loss", suite, few, loss))
    assert [plot.stem for plot in found] == ["scores", "rate-distortion", "training"]
    found = plots(numbers_of(tmp_path / "none", suite, few, loss[:0]))
    assert [plot.stem for plot in found] == ["scores", "rate-distortion"]
