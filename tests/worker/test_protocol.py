"""Frames between a worker and the process that it works for."""

from graphengine.execution.events import Event
from graphengine.worker.protocol import HEADER, Reported, Run, Shown, frame, from_worker, to_worker


def test_half_of_a_surrogate_pair_does_not_keep_a_message_from_being_sent():
    event = Event("finished", "a\ud83d", {"results": {"text": ["half \ud83d", 1.5, None, True]}}, 3, 2.5)
    whole = Event("finished", "a?", {"results": {"text": ["half ?", 1.5, None, True]}}, 3, 2.5)
    assert from_worker(frame(Reported("job", [event]))[HEADER.size :]) == Reported("job", [whole])
    shown = Shown("job", "n\ud83d", "image/jpeg", b"\xff\xd8\xed\xa0\xbd")
    assert from_worker(frame(shown)[HEADER.size :]) == Shown("job", "n?", "image/jpeg", b"\xff\xd8\xed\xa0\xbd")
    run = Run("job", b"{}", ["a"], "half \ud83d", {"text\ud83d": "\ud83d"})
    assert to_worker(frame(run)[HEADER.size :]) == Run("job", b"{}", ["a"], "half ?", {"text?": "?"})
