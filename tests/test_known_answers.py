"""Every known answer of the project: what is true on paper, what an instrument says of it.

The truths themselves are written in `vmi/verify`, where `vmi verify` asks them too.
"""

import pytest

from vmi.verify import ROOMS, Case, cases


def known() -> list:
    """Every case; those of one instrument go to one worker, since some are computed together."""
    return [
        pytest.param(
            case,
            id=f"{room}/{case.instrument}/{case.name}",
            marks=pytest.mark.xdist_group(f"{room}/{case.instrument}"),
        )
        for room in ROOMS
        for case in cases(room)
    ]


@pytest.mark.parametrize("case", known())
def test_a_known_answer_holds(case: Case):
    got = case.got()
    assert case.holds(got), f"{got} is not {case.truth} {case.tolerance}"


def test_there_are_at_least_80_known_answers():
    assert len(known()) >= 80
