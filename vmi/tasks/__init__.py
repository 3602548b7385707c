"""What is given, with its truth: pairs for estimators, triples for tests, graphs for learners."""

from typing import TYPE_CHECKING

from vmi.cards import Card
from vmi.errors import UserError
from vmi.registry import Registry

if TYPE_CHECKING:
    from vmi.tasks.task import Task

__all__ = ["GRAPHS", "TASKS", "TRIPLES", "load"]

# The trailing number of a name is its first setting: `two-pair-25` has 25 + 25 dimensions, of
# `student-5x5-dof-3` and `additive-noise-0.1` it is the degrees of freedom and the noise's
# half-width, of `staircase-4` the nats, and of `bumps-32` the pixels along each axis.
TASKS = Registry(
    "task",
    {
        "normal": "vmi.tasks.normal:normal",
        "normal-cdf-normal": "vmi.tasks.bmi:normal_cdf_normal",
        "additive-noise": "vmi.tasks.tails:additive_noise",
        "bimodal": "vmi.tasks.bmi:bimodal",
        "wiggly-normal": "vmi.tasks.bmi:wiggly_normal",
        "half-cube-normal": "vmi.tasks.bmi:half_cube_normal",
        "swiss-roll": "vmi.tasks.bmi:swiss_roll",
        "dense": "vmi.tasks.normal:dense",
        "two-pair": "vmi.tasks.normal:two_pair",
        "normal-cdf-two-pair": "vmi.tasks.bmi:normal_cdf_two_pair",
        "half-cube-two-pair": "vmi.tasks.bmi:half_cube_two_pair",
        "spiral-two-pair": "vmi.tasks.bmi:spiral_two_pair",
        "spiral-normal-cdf-two-pair": "vmi.tasks.bmi:spiral_normal_cdf_two_pair",
        "student-1x1-dof": "vmi.tasks.bmi:student_1x1",
        "student-2x2-dof": "vmi.tasks.bmi:student_2x2",
        "student-3x3-dof": "vmi.tasks.bmi:student_3x3",
        "student-5x5-dof": "vmi.tasks.bmi:student_5x5",
        "asinh-student-1x1-dof": "vmi.tasks.bmi:asinh_student_1x1",
        "asinh-student-2x2-dof": "vmi.tasks.bmi:asinh_student_2x2",
        "asinh-student-3x3-dof": "vmi.tasks.bmi:asinh_student_3x3",
        "asinh-student-5x5-dof": "vmi.tasks.bmi:asinh_student_5x5",
        "staircase": "vmi.tasks.normal:staircase",
        "bumps": "vmi.tasks.pictures:bumps",
        "rectangles": "vmi.tasks.pictures:rectangles",
    },
)


def _triple(function: str, name: str, numbered: str = "") -> Card:
    return Card(f"vmi.tasks.triples:{function}", name=name, numbered=numbered)


# Independent given z, then dependent; the number of a name is that of the columns of z, where it
# has any number of them.
TRIPLES = Registry(
    "task",
    {
        "independent": _triple("independent", "independent"),
        "chain": _triple("chain", "chain"),
        "common-cause": _triple("common_cause", "common cause", "common cause, |Z| = #"),
        "quadratic-common-cause": _triple(
            "quadratic_common_cause", "quadratic cause", "quadratic cause, |Z| = #"
        ),
        "heavy-common-cause": _triple("heavy_common_cause", "heavy-tailed cause"),
        "discrete-common-cause": _triple("discrete_common_cause", "discrete cause"),
        "mixed-common-cause": _triple("mixed_common_cause", "mixed cause"),
        "direct": _triple("direct", "direct", "direct, |Z| = #"),
        "collider": _triple("collider", "collider"),
        "sign": _triple("sign", "Y = X sign(Z)"),
        "heavy": _triple("heavy", "heavy tails"),
        "discrete": _triple("discrete", "discrete"),
        "mixed": _triple("mixed", "mixed"),
    },
)

# The number of a name is that of the nodes, or of `grid` of those along a side.
GRAPHS = Registry(
    "graph",
    {
        "linear": Card("vmi.tasks.graphs:linear", name="linear mechanisms"),
        "nonlinear": Card("vmi.tasks.graphs:nonlinear", name="non-linear mechanisms"),
        "chain": Card("vmi.tasks.graphs:chain", name="chain", numbered="chain of #"),
        "star": Card("vmi.tasks.graphs:star", name="star", numbered="star of #"),
        "grid": Card("vmi.tasks.graphs:grid", name="grid, 3 × 3", numbered="grid, # × #"),
        "random": Card("vmi.tasks.graphs:random", name="random", numbered="random, D = #"),
        "g-wishart": Card(
            "vmi.tasks.graphs:g_wishart", name="G-Wishart", numbered="G-Wishart, D = #"
        ),
        "nonparanormal": Card(
            "vmi.tasks.graphs:nonparanormal", name="nonparanormal", numbered="nonparanormal, D = #"
        ),
    },
)


def load(name: str) -> "Task":
    """Creates the task of that name, or a user's own `my_file:task`.

    Raises:
        UserError: There is no such task, it takes no such number, or it cannot be made.
    """
    from vmi.tasks.task import Task  # it imports torch, which listing the names does not need

    task = TASKS.make(name)
    if not isinstance(task, Task):
        raise UserError(f"task {name!r} returns a {type(task).__name__}, not a vmi.tasks.task.Task")
    return task
