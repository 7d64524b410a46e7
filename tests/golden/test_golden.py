"""Every golden case that lies beside the tests, within the tolerance it names."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import checks  # noqa: E402, F401  registers every check
from harness import CHECKS, cases, check  # noqa: E402

sys.path.remove(str(HERE))
FOUND = [case for case in cases(HERE / "data") if case.name in CHECKS]


@pytest.mark.parametrize("case", FOUND, ids=lambda case: case.name)
def test_every_output_of_the_case_is_within_its_tolerance(case):
    misses = [result for result in check(case) if not result.passed]
    assert not misses


def test_no_case_beside_the_tests_is_left_unchecked():
    assert {case.name for case in cases(HERE / "data")} <= CHECKS.keys()
