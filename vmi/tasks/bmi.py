"""The tasks of the `bmi` benchmark that are another task through maps, or with settings fixed.

References:
    Czyz et al. (2023), https://arxiv.org/abs/2306.11078
"""

from vmi.tasks.maps import ASINH, BIMODAL, HALF_CUBE, NORMAL_CDF, SPIRAL, SWISS_ROLL, WIGGLY
from vmi.tasks.normal import normal, two_pair
from vmi.tasks.tails import student
from vmi.tasks.task import variant

__all__ = [
    "asinh_student_1x1",
    "asinh_student_2x2",
    "asinh_student_3x3",
    "asinh_student_5x5",
    "bimodal",
    "half_cube_normal",
    "half_cube_two_pair",
    "normal_cdf_normal",
    "normal_cdf_two_pair",
    "spiral_normal_cdf_two_pair",
    "spiral_two_pair",
    "student_1x1",
    "student_2x2",
    "student_3x3",
    "student_5x5",
    "swiss_roll",
    "wiggly_normal",
]

normal_cdf_normal = variant(normal, NORMAL_CDF)
bimodal = variant(normal, BIMODAL)
wiggly_normal = variant(normal, WIGGLY)
half_cube_normal = variant(normal, HALF_CUBE)
swiss_roll = variant(normal, NORMAL_CDF, SWISS_ROLL)

normal_cdf_two_pair = variant(two_pair, NORMAL_CDF)
half_cube_two_pair = variant(two_pair, HALF_CUBE)
spiral_two_pair = variant(two_pair, SPIRAL)
spiral_normal_cdf_two_pair = variant(two_pair, NORMAL_CDF, SPIRAL)

student_1x1 = variant(student, dimensions=1)
student_2x2 = variant(student, dimensions=2)
student_3x3 = variant(student, dimensions=3)
student_5x5 = variant(student, dimensions=5)
asinh_student_1x1 = variant(student, ASINH, dimensions=1)
asinh_student_2x2 = variant(student, ASINH, dimensions=2)
asinh_student_3x3 = variant(student, ASINH, dimensions=3)
asinh_student_5x5 = variant(student, ASINH, dimensions=5)
