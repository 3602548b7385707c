"""How many inputs of all kinds a test is given: few in the ordinary run, many by `make faults`."""

import os

import pytest
from hypothesis import HealthCheck, settings

CASES = {"suite": 300, "faults": 5000}[os.environ.get("HYPOTHESIS_PROFILE", "suite")]


def fuzzed(share):
    """Marks a test, which has a share of the inputs of its kind: of suites, say."""
    fixture = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    given = settings(max_examples=round(share * CASES), suppress_health_check=fixture)
    return lambda test: pytest.mark.fuzz(given(test))
