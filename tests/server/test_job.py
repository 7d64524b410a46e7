"""Ids and transitions."""

import uuid

import pytest

from graphengine.server import job
from graphengine.server.job import FINISHED, TRANSITIONS, Ids, JobState, Submission


def test_ids_are_uuids_of_version_7_in_the_order_in_which_they_were_made():
    ids = Ids()
    made = [ids.new() for _ in range(5000)]
    assert made == sorted(set(made))
    parsed = [uuid.UUID(id) for id in made]
    assert {(id.version, id.variant) for id in parsed} == {(7, uuid.RFC_4122)}


def test_ids_stay_in_order_when_the_clock_goes_back(monkeypatch):
    times = iter([1_700_000_000_123_456_789, 1_700_000_000_123_456_789, 1_600_000_000_000_000_000])
    monkeypatch.setattr(job.time, "time_ns", lambda: next(times))
    ids = Ids()
    made = [ids.new() for _ in range(3)]
    assert made == sorted(set(made))
    assert uuid.UUID(made[0]).int >> 80 == 1_700_000_000_123  # RFC 9562, 5.7: 48 bits of milliseconds


def test_every_state_has_its_transitions_and_the_finished_ones_are_four():
    assert set(TRANSITIONS) == set(JobState)
    assert {"done", "failed", "cancelled", "lost"} == FINISHED


def test_a_submission_does_not_share_its_extra_with_another_one():
    assert Submission(document=b"").extra is not Submission(document=b"").extra


@pytest.mark.parametrize("state", JobState)
def test_a_state_is_its_name(state):
    assert state == state.name.lower()
