"""Every known answer of the project: what is true on paper, what an instrument says of it.

The truths themselves are written in `vmi/verify`, where `vmi verify` asks them too.
"""

import pytest

from vmi.verify import ROOMS, Case, cases
from vmi.verify.ladder import ARRAYS

# On the ladder these fit a network to 3,000 pairs; the room "neural" asks them of fewer.
NETWORKS = ARRAYS.keys() - {"cca", "ksg", "ksg-euclidean", "ksg2", "mixed-ksg"}


def known() -> list:
    """Every case under the name of its room."""
    return [_parameter(room, case) for room in ROOMS for case in cases(room)]


def _parameter(room: str, case: Case):
    fits_a_network = room == "ladder" and case.instrument in NETWORKS
    fits_a_network |= room == "priors" and "wins" in case.name
    slow = fits_a_network or room == "neural" or (case.instrument == "ksg-10" and "+" in case.name)
    marks = [pytest.mark.slow] if slow else []
    return pytest.param(case, id=f"{room}/{case.instrument}/{case.name}", marks=marks)


@pytest.mark.parametrize("case", known())
def test_a_known_answer_holds(case: Case):
    got = case.got()
    assert case.holds(got), f"{got} is not {case.truth} {case.tolerance}"


def test_there_are_at_least_80_known_answers():
    assert len(known()) >= 80
