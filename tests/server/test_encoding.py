"""JSON of anything that a run may say."""

import json
import math

import pytest

from graphengine.files import FileRef
from graphengine.server.encoding import to_json


def test_files_and_numbers_that_are_none_are_valid_json():
    data = {"files": [FileRef("a.png")], "loss": math.nan, "é": [1, 2.5, None, True]}
    expected = {"files": [{"filename": "a.png", "subfolder": "", "type": "output"}], "loss": None}
    assert json.loads(to_json(data)) == expected | {"é": [1, 2.5, None, True]}


def test_half_of_a_surrogate_pair_becomes_a_question_mark_wherever_it_is():
    data = {"a\ud83d": [{"b": "\udce9x"}, ("\ud800",), 1.5, FileRef("\udcff")]}
    decoded = json.loads(to_json(data).decode())
    assert decoded == {"a?": [{"b": "?x"}, ["?"], 1.5, {"filename": "?", "subfolder": "", "type": "output"}]}


def test_what_json_cannot_hold_is_refused():
    with pytest.raises(TypeError):
        to_json({"a": object()})
