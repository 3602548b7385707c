"""The tasks say how much x knows of y, and that is true of what they draw."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats
from torch.autograd.functional import jacobian as jacobian_of

from vmi.errors import UserError
from vmi.random import generator
from vmi.tasks import TASKS, load, maps
from vmi.tasks.normal import correlation_of, gaussian, normal
from vmi.tasks.pictures import draw_bumps, draw_rectangles, segments
from vmi.tasks.task import Task, through, variant
from vmi.verify.tasks import BMI, cases, read_bump, read_rectangle

EVERY = sorted(set(BMI) | {case.instrument for case in cases()})
N = 20_000


def uniform(*shape, name="uniform"):
    return torch.rand(*shape, dtype=torch.float64, generator=generator(name))


def test_there_are_forty_tasks_of_bmi_and_nine_more():
    assert len(BMI) == 40
    assert len(EVERY) == 49


@pytest.mark.parametrize("name", EVERY)
def test_the_mean_pointwise_information_of_what_is_drawn_is_the_information(name):
    profile = load(name).profile(N, generator("profile", name))
    error = profile.std() / math.sqrt(N)
    assert abs(profile.mean() - load(name).information) < 4 * error
    assert error < 0.05


@pytest.mark.parametrize("name", EVERY)
def test_a_task_draws_pairs_of_its_dimensions_the_same_for_the_same_generator(name):
    task = load(name)
    x, y = task.sample(7, generator(3))
    assert (x.shape, y.shape) == ((7, task.dimensions[0]), (7, task.dimensions[1]))
    assert x.dtype == y.dtype == np.float64
    assert np.isfinite(x).all() and np.isfinite(y).all()
    again, other = task.sample(7, generator(3))[0], task.sample(7, generator(4))[0]
    assert (again == x).all()
    assert (other != x).any()


@pytest.mark.parametrize("name", ["dense-3", "two-pair-5", "staircase-4", "normal"])
def test_normal_pairs_have_the_covariance_that_is_said(name):
    x, y = load(name).sample(N, generator("covariance", name))
    seen = np.cov(np.hstack([x, y]).T)
    wanted = np.eye(len(seen))
    d = x.shape[1]
    if name == "dense-3":
        wanted += 0.5 * (1 - np.eye(2 * d))
    else:
        pairs, rho = {"two-pair-5": (2, 0.8), "normal": (1, 0.75)}.get(
            name, (d, math.sqrt(1 - math.exp(-0.4)))
        )
        for i in range(pairs):
            wanted[i, d + i] = wanted[d + i, i] = rho
    # the standard error of a covariance is at most sqrt(2 / N); 5 of them for so many entries
    assert np.abs(seen - wanted).max() < 5 * math.sqrt(2 / N)


@pytest.mark.parametrize("dof", [1, 2, 3])
def test_student_vectors_have_student_margins_and_projections(dof):
    x, y = load(f"student-2x2-dof-{dof}").sample(5000, generator("student", dof))
    for column in (x[:, 0], y[:, 1], (x[:, 0] + y[:, 0]) / math.sqrt(2)):
        assert stats.kstest(column, stats.t(dof).cdf).pvalue > 1e-3


def test_student_entries_share_their_scale_and_so_are_not_independent():
    x, y = load("student-1x1-dof-1").sample(5000, generator("scale"))
    assert abs(stats.spearmanr(x[:, 0], y[:, 0]).statistic) < 4 / math.sqrt(5000)
    assert stats.spearmanr(np.abs(x[:, 0]), np.abs(y[:, 0])).statistic > 0.2


@pytest.mark.parametrize(("dof", "d"), [(1, 1), (2, 2), (3, 5)])
def test_the_students_pointwise_information_is_scipys_ratio_of_densities(dof, d):
    task = load(f"student-{d}x{d}-dof-{dof}")
    x, y = task.draw(50, generator("densities"))
    log = lambda t: np.array(  # noqa: E731
        stats.multivariate_t(shape=np.eye(t.shape[1]), df=dof).logpdf(t)
    ).reshape(-1)
    ratio = log(torch.cat([x, y], 1).numpy()) - log(x.numpy()) - log(y.numpy())
    np.testing.assert_allclose(task.pointwise(x, y).numpy(), ratio, atol=1e-10)


def test_the_normals_pointwise_information_is_scipys_ratio_of_densities():
    task = load("dense-2")
    x, y = task.draw(50, generator("densities"))
    block = np.full((2, 2), 0.5) + 0.5 * np.eye(2)
    whole = np.full((4, 4), 0.5) + 0.5 * np.eye(4)
    ratio = stats.multivariate_normal(cov=whole).logpdf(torch.cat([x, y], 1))
    for part in (x, y):
        ratio = ratio - stats.multivariate_normal(cov=block).logpdf(part)
    np.testing.assert_allclose(task.pointwise(x, y).numpy(), ratio, atol=1e-10)


@pytest.mark.parametrize("width", [0.1, 0.3, 0.5, 0.75, 2.0])
def test_additive_noise_agrees_with_the_entropy_of_its_trapezoid(width):
    def integrand(y):
        density = (min(1, y + width) - max(0, y - width)) / (2 * width)
        return -density * math.log(density) if density > 0 else 0.0

    knots = sorted({-width, width, 1 - width, 1 + width})
    entropy = sum(integrate.quad(integrand, a, b)[0] for a, b in pairwise(knots))
    truth = entropy - math.log(2 * width)
    assert load(f"additive-noise-{width}").information == pytest.approx(truth, abs=1e-7)


def test_additive_noise_is_continuous_where_its_two_formulas_meet():
    below, above = (load(f"additive-noise-{w}").information for w in (0.4999999, 0.5))
    assert below == pytest.approx(above, abs=1e-6)
    assert above == 0.5


@pytest.mark.parametrize("name", ["normal-cdf-normal", "normal-cdf-two-pair-3"])
def test_the_normal_cdf_makes_every_margin_uniform(name):
    x, y = load(name).sample(5000, generator("uniform", name))
    for column in np.hstack([x, y]).T:
        assert stats.kstest(column, "uniform").pvalue > 1e-3


def test_bimodal_margins_are_the_mixtures_that_are_said():
    x, y = load("bimodal").sample(5000, generator("bimodal"))
    cdf = stats.norm.cdf
    assert stats.kstest(x[:, 0], lambda t: 0.3 * cdf(t) + 0.7 * cdf(t - 5)).pvalue > 1e-3
    assert stats.kstest(y[:, 0], lambda t: 0.5 * cdf(t + 1) + 0.5 * cdf(t - 3)).pvalue > 1e-3


@pytest.mark.parametrize(
    "increasing", [*maps.WIGGLY, *maps.BIMODAL, maps.half_cube, maps.asinh, maps.normal_cdf]
)
def test_a_map_of_one_entry_is_increasing(increasing):
    t = torch.linspace(-5, 5, 20_001, dtype=torch.float64)[:, None]
    assert (increasing(t).diff(dim=0) > 0).all()


@pytest.mark.parametrize(("spiral", "first"), [(maps.spiral_x, 0), (maps.spiral_y, 1)])
def test_a_spiral_keeps_the_length_and_can_be_turned_back(spiral, first):
    t = 3 * torch.randn(200, 5, dtype=torch.float64, generator=generator("spiral"))
    turned = spiral(t)
    np.testing.assert_allclose(turned.norm(dim=1), t.norm(dim=1))
    angle = t.square().sum(1) / 5
    one, two = turned[:, first], turned[:, first + 1]
    np.testing.assert_allclose(one * angle.cos() + two * angle.sin(), t[:, first], atol=1e-12)
    np.testing.assert_allclose(two * angle.cos() - one * angle.sin(), t[:, first + 1], atol=1e-12)
    kept = [i for i in range(5) if i not in (first, first + 1)]
    assert (turned[:, kept] == t[:, kept]).all()
    assert (turned[:, first] - t[:, first]).abs().max() > 1


@pytest.mark.parametrize(("spiral", "first"), [(maps.spiral_x, 0), (maps.spiral_y, 1)])
def test_a_spiral_is_the_exponential_of_its_generator(spiral, first):
    t = torch.randn(20, 3, dtype=torch.float64, generator=generator("exponential"))
    algebra = torch.zeros(3, 3, dtype=torch.float64)
    algebra[first, first + 1], algebra[first + 1, first] = -1, 1
    turns = torch.linalg.matrix_exp(t.square().sum(1)[:, None, None] / 3 * algebra)
    np.testing.assert_allclose(spiral(t), (turns @ t[..., None])[..., 0], atol=1e-12)


def test_the_swiss_roll_can_be_unrolled():
    t = uniform(500, 1)
    rolled = maps.swiss_roll(t)
    length = 21 * rolled.norm(dim=1, keepdim=True)
    np.testing.assert_allclose((length / (1.5 * math.pi) - 1) / 2, t, atol=1e-12)
    assert (rolled[:, 1:] / rolled[:, :1] - length.tan()).abs().median() < 1e-9


@given(st.floats(0.0, 12.0), st.integers(1, 30))
def test_a_correlation_gives_the_information_that_it_is_asked_for(information, pairs):
    rho = correlation_of(information, pairs)
    assert -pairs / 2 * math.log1p(-(rho**2)) == pytest.approx(information, abs=1e-6)


@given(st.floats(-0.95, 0.95), st.floats(0.1, 10), st.floats(0.1, 10))
def test_the_information_of_a_normal_pair_knows_no_scale(rho, a, b):
    c = rho * math.sqrt(a * b)
    task = gaussian(torch.tensor([[a, c], [c, b]], dtype=torch.float64), 1)
    assert task.information == pytest.approx(-math.log1p(-(rho**2)) / 2, abs=1e-9)


def test_dense_tasks_have_the_closed_form_of_their_docstring():
    for d, rho in [(1, 0.75), (4, 0.3), (50, 0.5)]:
        truth = math.log(1 + (d - 1) * rho) - math.log(1 + (2 * d - 1) * rho) / 2
        truth -= math.log(1 - rho) / 2
        made = TASKS.load("dense")[0](dimensions=d, correlation=rho)
        assert made.information == pytest.approx(truth, abs=1e-9)


# ---------------------------------------------------------------- pictures


@pytest.mark.parametrize("side", [4, 16, 32])
def test_the_numbers_of_a_picture_can_be_read_off_it(side):
    """So the drawing is one-to-one: nothing is lost."""
    u = uniform(500, 4)
    edges = torch.cat([segments(u[:, :2]), segments(u[:, 2:])], 1)
    assert (read_rectangle(draw_rectangles(edges, side), side) - u).abs().max() < 1e-9
    assert (read_bump(draw_bumps(u[:, :2], side), side) - u[:, :2]).abs().max() < 1e-9


def test_a_picture_without_the_middle_of_a_rectangle_would_not_tell_its_numbers():
    """The reader is no oracle: of another picture it reads other numbers."""
    u = uniform(50, 4)
    edges = torch.cat([segments(u[:, :2]), segments(u[:, 2:])], 1)
    blurred = draw_rectangles(edges, 16, 0.06)
    assert (read_rectangle(blurred, 16, 0.05) - u).abs().max() > 1e-3


@pytest.mark.parametrize(("draw", "numbers"), [(draw_bumps, 2), (draw_rectangles, 4)])
def test_a_picture_changes_smoothly_in_each_of_its_numbers(draw, numbers):
    """The Jacobian has full rank everywhere: no two directions look the same."""
    for row in uniform(20, numbers):
        values = row if numbers == 2 else segments(row.view(2, 2)).flatten()
        jacobian = jacobian_of(lambda v: draw(v[None], 16)[0], values)
        singular = torch.linalg.svdvals(jacobian)
        assert singular.shape == (numbers,)
        assert singular[-1] > 1e-2 * singular[0]


@given(st.floats(0, 0.999999), st.floats(0, 0.999999))
def test_a_segment_is_long_enough_and_lies_in_the_picture(first, second):
    low, high = segments(torch.tensor([[first, second]], dtype=torch.float64))[0].tolist()
    assert low >= 0
    assert high <= 1 + 1e-12
    assert high - low >= 0.2 - 1e-12


def test_segments_are_spread_evenly_over_all_that_are_long_enough():
    low, high = segments(uniform(5000, 2)).T
    # (low, high) is uniform on the triangle, whose margins are those of a beta distribution.
    assert stats.kstest(low / 0.8, stats.beta(1, 2).cdf).pvalue > 1e-3
    assert stats.kstest((high - 0.2) / 0.8, stats.beta(2, 1).cdf).pvalue > 1e-3


@pytest.mark.parametrize("name", ["bumps-8", "rectangles-8"])
def test_a_pictures_pixels_lie_between_nought_and_one(name):
    x, _ = load(name).sample(500, generator(0))
    assert x.shape == (500, 64)
    assert x.min() > 0
    assert 0.8 < x.max() <= 1


def test_a_picture_holds_the_information_that_it_is_asked_for():
    for maker in ("bumps", "rectangles"):
        made = TASKS.load(maker)[0](side=4, information=3.5)
        assert made.information == pytest.approx(3.5, abs=1e-12)


# ---------------------------------------------------------------- tasks as things


def test_maps_are_applied_in_their_order_and_leave_the_information_alone():
    base = normal()
    task = through(through(base, torch.exp, torch.neg), torch.log, torch.neg)
    x, y = base.sample(5, generator(1))
    seen = task.sample(5, generator(1))
    np.testing.assert_allclose(seen, (x, y))
    assert task.information == base.information


def test_a_variant_fixes_settings_and_says_so():
    made = variant(normal, maps.ASINH, correlation=0.5)
    assert made().information == normal(correlation=0.5).information
    assert "correlation = 0.5, through asinh" in made.__doc__
    with pytest.raises(TypeError):
        made(correlation=0.2)


def test_a_task_without_a_density_has_no_profile():
    task = Task(0.0, lambda n, generator: (torch.zeros(n, 1), torch.zeros(n, 1)))
    with pytest.raises(ValueError, match="density"):
        task.profile(3, generator(0))


def test_independent_pairs_have_no_information():
    assert load("staircase-0").information == 0
    assert load("normal-0").information == 0


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("normall", "did you mean 'normal'"),
        ("normal-1.5", "between -1 and 1"),
        ("two-pair-1", "at least 2 dimensions"),
        ("additive-noise-0.0", "positive half-width"),
        ("dense-0", "at least 1"),
        ("bimodal-2", "between -1 and 1"),
    ],
)
def test_a_task_that_cannot_be_is_refused_in_one_line(name, said):
    with pytest.raises(UserError, match=said):
        load(name)


def test_negative_information_is_refused():
    with pytest.raises(UserError, match="negative"):
        correlation_of(-1.0, 2)


def test_a_users_own_task_that_fails_is_one_line(tmp_path, monkeypatch):
    (tmp_path / "my_tasks.py").write_text("def failing():\n    raise KeyError('first\\nsecond')\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UserError, match="task 'my_tasks:failing': KeyError: 'first") as error:
        load("my_tasks:failing")
    assert "\n" not in str(error.value)
