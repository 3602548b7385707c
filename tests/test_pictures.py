"""Pictures of a model that draws its code, pixel by pixel, so that every pixel is known."""

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.datasets import load_digits
from torch import nn
from torch.distributions import Normal
from torch.nn.functional import interpolate

from vmi.data.dataset import Dataset, Split
from vmi.errors import NotApplicable, UserError
from vmi.learners.bridge import Ties
from vmi.nets.joint_code import JointCode
from vmi.nets.latents import Latents
from vmi.pictures import PICTURES
from vmi.pictures.classes import classes, counts, histograms, shares
from vmi.pictures.draw import draw_pictures
from vmi.pictures.layout import LINE, SPACE, WIDTH, beside, enlarged, stacked, tiled
from vmi.pictures.network import OWN, SHARED, plotted
from vmi.pictures.sweeps import grid, paths, sweeps, sweeps_prior
from vmi.pictures.tiles import mode, reconstructions, samples, traversals
from vmi.report.page import embed
from vmi.stages.check import check
from vmi.stages.cohort import cohort
from vmi.stages.where import where
from vmi.suites.cohorts import cohort_name
from vmi.suites.file import check_names
from vmi.suites.suite import Suite

JOINT, ONE = Latents(gaussian=3, categorical=(4,)), Latents(gaussian=1)


class Echo(nn.Module):
    """A code and its image, one pixel a value, are the same but for their scale."""

    def __init__(self, latents: Latents = JOINT) -> None:
        super().__init__()
        self.latents = latents

    def encoder(self, images):
        mean, *logits = (
            value(images).flatten(1).split([self.latents.gaussian, *self.latents.categorical], 1)
        )
        scale = torch.arange(self.latents.gaussian, 0, -1) / 10  # the last one knows most
        return JointCode(mean, scale.expand_as(mean), logits)

    def decoder(self, code):
        return Normal(pixel(code)[:, None, None], 1.0)


def pixel(value):
    return (value + 5) / 10


def value(pixel):
    return 10 * pixel - 5


def split_of(latents=JOINT, n=50, labels=None, factors=None):
    images = torch.rand(n, 1, 1, latents.size, generator=torch.Generator().manual_seed(0))
    return Split(images, labels, factors)


def dataset_of(split, **about):
    return Dataset("toy", tuple(split.images.shape[1:]), lambda name: split, binary=False, **about)


def tile(image, latents, block, row, column):
    """The code that a tile of sweeps shows; column -1 is what stands at their left."""
    top = block * (5 * (1 + LINE) - LINE + SPACE) + row * (1 + LINE)
    left = 0 if column < 0 else latents.size + SPACE + column * (latents.size + LINE)
    return value(image[0, top, left : left + latents.size])


# ---------------------------------------------------------------- layout


def test_tiles_stand_in_rows_with_white_lines_between():
    tiles = torch.tensor([[0.1, 0.2], [0.3, 0.4]]).view(2, 2, 1, 1, 1)
    expected = torch.tensor([[[0.1, 1, 0.2], [1, 1, 1], [0.3, 1, 0.4]]])
    torch.testing.assert_close(tiled(tiles), expected)
    assert tiled(torch.zeros(3, 4, 3, 5, 7)).shape == (3, 3 * 6 - 1, 4 * 8 - 1)


def test_what_is_set_apart_has_white_between_and_the_narrower_white_at_its_right():
    black = torch.zeros(1, 2, 3)
    assert beside(black, black)[0, 0].tolist() == [0] * 3 + [1] * SPACE + [0] * 3
    both = stacked([black, black[..., :1]])
    assert both.shape == (1, 2 + SPACE + 2, 3)
    assert both[0, :, 0].tolist() == [0, 0] + [1] * SPACE + [0, 0]
    assert both[0, -1].tolist() == [0, 1, 1]


@pytest.mark.parametrize("width", [1, 100, WIDTH, 1000])
def test_a_small_picture_is_enlarged_by_whole_pixels(width):
    made = enlarged(torch.arange(float(width)).expand(1, 2, width))
    times = made.shape[-1] // width
    assert made.shape == (1, 2 * times, width * times) and made.shape[-1] >= WIDTH
    assert times == 1 or width * (times - 1) < WIDTH
    assert made[0, 0, ::times].tolist() == list(range(width))


# ---------------------------------------------------------------- tiles


def test_reconstructions_stand_below_their_images():
    split, model = split_of(), Echo()
    made = reconstructions(model, split)
    assert made.shape == (4, 10, 1, 1, 7)
    images, decoded = made[::2].flatten(0, 1), made[1::2].flatten(0, 1)
    assert torch.equal(images, split.images[torch.arange(20) * 50 // 20])
    torch.testing.assert_close(decoded[..., :3], images[..., :3])
    most = torch.eye(4)[images[..., 3:].flatten(1).argmax(1)]
    torch.testing.assert_close(value(decoded[..., 3:]).flatten(1), most)


def test_samples_are_the_same_draws_for_every_model():
    made = samples(Echo(), split_of())
    assert made.shape == (4, 10, 1, 1, 7)
    assert torch.equal(made, samples(Echo(Latents(3, (4,), informed=2)), split_of(n=20)))
    codes = value(made).flatten(0, 1).flatten(1)
    assert codes[:, :3].std() == pytest.approx(1, abs=0.15)
    assert ((codes[:, 3:] - 1).abs() < 1e-5).sum(1).eq(1).all()


def test_traversals_begin_with_the_most_informed_dimension():
    split, model = split_of(), Echo()
    codes = value(traversals(model, split)).flatten(2)
    assert codes.shape == (4, 10, 7)
    start = mode(model, split.images[:1])[0]
    for row, dimension in enumerate((2, 1, 0)):
        moved = start.repeat(10, 1)
        moved[:, dimension] = torch.linspace(-3, 3, 10)
        torch.testing.assert_close(codes[row], moved)
    cycled = torch.eye(4)[torch.arange(10) % 4]
    torch.testing.assert_close(codes[3], torch.cat([start[:3].repeat(10, 1), cycled], 1))


# ---------------------------------------------------------------- sweeps and the grid


def test_sweeps_move_one_part_of_the_code_and_leave_the_rest():
    split, model = split_of(), Echo()
    image = sweeps(model, split)
    shown = split.images[torch.arange(5) * 10]
    for row, start in enumerate(mode(model, shown)):
        for block in range(3):
            at_left = tile(image, JOINT, block, row, -1)
            torch.testing.assert_close(at_left, value(shown[row].flatten()))
        for column in range(11):
            for dimension in (0, 1):
                moved = start.clone()
                moved[dimension] = column - 5
                torch.testing.assert_close(tile(image, JOINT, dimension, row, column), moved)
        for column in range(4):
            turned = torch.cat([start[:3], torch.eye(4)[column]])
            torch.testing.assert_close(tile(image, JOINT, 2, row, column), turned)
    assert image[0, -1, JOINT.size + SPACE + 4 * (JOINT.size + LINE) :].eq(1).all()


def test_sweeps_of_the_prior_start_from_the_same_draws_for_every_model():
    image = sweeps_prior(Echo(), split_of())
    again = sweeps_prior(Echo(Latents(3, (4,), informed=2)), split_of(n=9))
    assert torch.equal(image, again)
    starts = torch.stack([tile(image, JOINT, 0, row, -1) for row in range(5)])
    assert len(starts.unique(dim=0)) == 5
    torch.testing.assert_close(starts[:, 3:].sort(1).values, torch.eye(4)[[3] * 5])
    for row, start in enumerate(starts):
        moved = start.clone()
        moved[1] = -5
        torch.testing.assert_close(tile(image, JOINT, 1, row, 0), moved)


@pytest.mark.parametrize(
    ("latents", "steps"),
    [
        (Latents(2), [11, 11]),
        (Latents(1), [11]),
        (Latents(1, (6,)), [11, 6]),
        (Latents(0, (4,)), [4]),
        (Latents(5, (2, 13)), [11, 11, 2, 13]),
    ],
)
def test_there_is_a_block_for_each_part_that_the_code_has(latents, steps):
    codes = torch.zeros(5, latents.size)
    assert [path.shape for path in paths(latents, codes, 5.0)] == [
        (5, n, latents.size) for n in steps
    ]
    for picture in (sweeps, sweeps_prior):
        image = picture(Echo(latents), split_of(latents))
        height = len(steps) * (5 * (1 + LINE) - LINE + SPACE) - SPACE
        width = latents.size + SPACE + max(steps) * (latents.size + LINE) - LINE
        assert image.shape == (1, height, width)


def test_the_grid_spans_the_first_two_dimensions():
    codes = value(grid(Echo(), split_of())).flatten(2)
    assert codes.shape == (10, 10, 7)
    steps = torch.linspace(-5, 5, 10)
    torch.testing.assert_close(codes[..., 0], steps.expand(10, 10))
    torch.testing.assert_close(codes[..., 1], steps[:, None].expand(10, 10))
    torch.testing.assert_close(codes[..., 2:], torch.eye(5)[1].expand(10, 10, 5), atol=1e-5, rtol=0)


def test_a_name_carries_how_far_a_sweep_goes():
    function, carried = PICTURES.load("grid-3")
    codes = value(function(Echo(), split_of(), **carried)).flatten(2)
    torch.testing.assert_close(codes[0, 0, :2], torch.tensor([-3.0, -3.0]))
    assert PICTURES.load("sweeps-prior-2") == (sweeps_prior, {"reach": 2})


@pytest.mark.parametrize("latents", [Latents(1, (3,)), Latents(0, (3,))])
def test_a_grid_of_fewer_than_two_dimensions_is_not_applicable(latents):
    with pytest.raises(NotApplicable, match="fewer than two Gaussian"):
        grid(Echo(latents), split_of(latents))


# ---------------------------------------------------------------- classes

PROBABILITIES = torch.tensor([[0.7, 0.2, 0.1], [0.5, 0.2, 0.3], [0.9, 0.1, 0], [0, 0.4, 0.6]])
LABELS = torch.tensor([1, 0, 1, 0])


def test_the_shares_of_labels_are_those_counted_by_hand():
    table = counts(PROBABILITIES, LABELS, 2)
    assert table.tolist() == [[1, 2], [0, 0], [1, 0]]
    expected = torch.tensor([[1 / 3, 2 / 3], [torch.nan, torch.nan], [1, 0]])
    torch.testing.assert_close(shares(table), expected, equal_nan=True)


def test_a_row_shows_its_shares_and_how_many_images_it_has():
    figure = histograms([counts(PROBABILITIES, LABELS, 2)], ("no", "yes"))
    (axis,) = figure.axes
    assert [label.get_text() for label in axis.get_yticklabels()] == ["0  (3)", "1  (0)", "2  (1)"]
    assert [label.get_text() for label in axis.get_xticklabels()] == ["no", "yes"]
    drawn = {tuple(t.get_position()): t.get_text() for t in axis.texts if t.get_text()}
    assert drawn == {(0.5, 0.5): "33", (1.5, 0.5): "67", (0.5, 2.5): "100"}


def test_classes_are_drawn_of_every_category():
    split = split_of(labels=torch.arange(50) % 3)
    one = classes(Echo(), split, dataset_of(split))
    assert one.shape[0] == 3 and 0 <= one.min() < one.max() <= 1
    two = Latents(0, (4, 3))
    both = classes(Echo(two), Split(split_of(two).images, split.labels), dataset_of(split))
    assert both.shape[-1] > 1.5 * one.shape[-1]


@pytest.mark.parametrize(
    ("latents", "labels", "said"),
    [(JOINT, None, "toy has no labels"), (Latents(2), torch.zeros(50).long(), "no category")],
)
def test_classes_need_labels_and_a_category(latents, labels, said):
    split = split_of(latents, labels=labels)
    with pytest.raises(NotApplicable, match=said):
        classes(Echo(latents), split, dataset_of(split))


# ---------------------------------------------------------------- drawing

MINE = """
from vmi.errors import NotApplicable

def first(split):
    return split.images[0]

def of_all(dataset, model, *, shade=0.5):
    return shade + 0 * dataset.fixed("evaluation").images[:2, None]

def flat(model):
    return model.decoder

def broken(model, split):
    raise KeyError("no such thing")

def odd(codes):
    return codes
"""


@pytest.fixture
def mine(workplace):
    (workplace / "mine.py").write_text(MINE)
    return workplace


def drawn(folder, names, latents=ONE):
    """What is in a folder after drawing, and what failed."""
    failed = draw_pictures(names, Echo(latents), dataset_of(split_of(latents)), folder)
    return sorted(path.name for path in folder.glob("*.[pt][nx][gt]")), failed


def test_every_picture_is_drawn_and_what_has_no_meaning_says_so(tmp_path):
    made, failed = drawn(tmp_path, [*PICTURES, "sweeps-3"])
    kinds = {"reconstructions", "samples", "traversals", "sweeps", "sweeps-prior", "sweeps-3"}
    kinds.add("samples-beside")
    without = ["classes.txt", "densities.txt", "grid.txt", "network.txt"]
    assert made == sorted([*(f"{kind}.png" for kind in kinds), *without])
    assert failed == {}
    assert (tmp_path / "network.txt").read_text() == "not applicable: toy has no factors\n"
    assert (tmp_path / "classes.txt").read_text() == "not applicable: toy has no labels\n"


def test_every_picture_is_drawn_of_a_joint_code(tmp_path):
    split = split_of(labels=torch.arange(50) % 3, factors=torch.arange(100).view(50, 2) % 7)
    dataset = dataset_of(split, factor_names=("shape", "x"))
    assert draw_pictures(PICTURES, Echo(), dataset, tmp_path) == {}
    names = {f"{name}.{'txt' if name == 'densities' else 'png'}" for name in PICTURES}
    assert {path.name for path in tmp_path.iterdir()} == names
    with Image.open(tmp_path / "grid.png") as image:
        assert image.mode == "L" and image.width >= WIDTH
    with Image.open(tmp_path / "classes.png") as image:
        assert image.mode == "RGB"


def test_a_users_own_picture_is_drawn(mine):
    made, failed = drawn(mine, ["mine:first", "mine:of_all"])
    assert made == ["first.png", "of_all.png"] and not failed
    with Image.open(mine / "first.png") as image:
        grey = float(split_of(ONE).images[0])
        assert set(np.array(image).flatten()) == {round(255 * grey)}


def test_a_picture_that_fails_stops_no_other_and_is_told(mine):
    made, failed = drawn(mine, ["mine:broken", "mine:flat", "samples"])
    assert made == ["broken.txt", "flat.txt", "samples.png"]
    assert failed == {
        "mine:broken": "KeyError: 'no such thing'",
        "mine:flat": "TypeError: a picture is (1 or 3, H, W), or rows of such in 5 dimensions: "
        "method",
    }
    assert (mine / "broken.txt").read_text() == "KeyError: 'no such thing'\n"


# ---------------------------------------------------------------- the stage and the suite

SETTINGS = {
    "title": "T",
    "seeds": [1, 0],
    "datasets": ["digits"],
    "models": ["vae"],
    "metrics": ["active-units"],
    "network": "dense-8",
    "latents": {"gaussian": 2, "categorical": [3]},
    "training": {"steps": 5, "batch_size": 32},
}


def suite_of(*pictures):
    return Suite("s", {**SETTINGS, "pictures": list(pictures)})


def test_the_stage_draws_the_first_seed_and_prints_what_failed(mine, capsys):
    suite = suite_of("grid", "mine:broken", "classes")
    cohort(suite, "digits", "vae", [1, 0], quiet=True)
    pictures = where(suite).cell("digits", "vae", cohort_name([1, 0])).pictures
    names = [path.name for path in pictures.iterdir()]
    assert sorted(names) == ["broken.txt", "classes.png", "grid.png"]
    said = capsys.readouterr().err
    assert said == "digits, vae: picture 'mine:broken' failed: KeyError: 'no such thing'\n"


def test_the_pictures_are_of_the_first_seed_alone(mine):
    suite = suite_of("samples")
    for seeds in ([1], [0]):
        cohort(suite, "digits", "vae", seeds, quiet=True)
    there = [where(suite).cell("digits", "vae", name).pictures.exists() for name in "10"]
    assert there == [True, False]


def test_a_training_that_failed_has_no_picture(mine):
    suite = suite_of("grid")
    broken = Suite("s", {**suite.settings, "training": {"steps": 5, "learning_rate": 1e30}})
    cohort(broken, "digits", "vae", [1, 0], quiet=True)
    cell = where(suite).cell("digits", "vae", cohort_name([1, 0]))
    assert "diverged" in cell.status.read_text()
    assert list(cell.pictures.iterdir()) == []


@pytest.mark.parametrize(
    ("picture", "said"),
    [
        ("sweps", "unknown picture 'sweps': did you mean 'sweeps'"),
        ("classes-3", "carries a number but has no setting"),
        ("mine:frist", "did you mean 'first'"),
        ("mine:odd", "picture 'mine:odd' asks for 'codes'; there is: model, split, dataset"),
    ],
)
def test_a_wrong_picture_is_refused_before_anything_trains(mine, picture, said):
    with pytest.raises(UserError, match=said):
        check(suite_of("samples", picture))


def test_pictures_that_would_share_a_file_are_refused():
    with pytest.raises(UserError, match="'samples' and 'mine:samples' would share a name"):
        check_names(suite_of("samples", "mine:samples"))


# ---------------------------------------------------------------- on the page


class Scribe(Echo):
    """A code is decoded to a digit of 28 x 28, any one; an image has a code that is as good."""

    def __init__(self) -> None:
        super().__init__(Latents(16, (10,)))
        images = load_digits().images[:500, None] / 16
        self.digits = interpolate(torch.tensor(images).float(), size=28, mode="bilinear")

    def encoder(self, images):
        return super().encoder(images.flatten(1)[:, 200 : 200 + self.latents.size])

    def decoder(self, code):
        return Normal(self.digits[(code * 997).sum(1).long() % 500], 1.0)


def test_a_page_of_22_models_7_kinds_and_2_data_sets_is_below_8_megabytes(tmp_path):
    model = Scribe()
    split = Split(model.digits, torch.arange(500) % 10)
    folder = tmp_path / "pictures" / "toy" / "scribe"
    folder.mkdir(parents=True)
    kinds = [name for name in PICTURES if name not in ("samples-beside", "densities")]
    assert draw_pictures(kinds, model, dataset_of(split), folder) == {}
    shown = sorted(folder.glob("*.png"))
    assert len(shown) == 7
    size = sum(len(embed(path, lossless=False).uri) for path in shown)
    assert 50_000 < size < 8e6 / (22 * 2)


def test_edges_of_code_and_factors_are_told_by_colour():
    edges = np.zeros((5, 5), bool)
    for i, j in [(0, 3), (1, 3), (1, 4), (0, 1)]:  # of three dimensions and two factors
        edges[i, j] = edges[j, i] = True
    found = Ties(edges, 3, 100)
    assert sorted(found.partners) == [(0, 0), (1, 1)]
    (axis,) = plotted(found, ["z0", "z1", "c0"], ["shape", "x"]).axes
    colours = [line.get_color() for line in axis.lines if len(line.get_xdata()) == 2]
    assert sorted(colours) == sorted([OWN, OWN, SHARED])
    assert [text.get_text() for text in axis.texts if text.get_text()] == [
        "z0",
        "z1",
        "c0",
        "shape",
        "x",
    ]
