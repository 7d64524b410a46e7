"""Films that libav (PyAV 18) wrote with the metadata that ComfyUI's nodes give it, and damaged ones."""

import json
import struct
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphengine import formats
from graphengine.compat.comfyui.videos import is_video, video_texts
from graphengine.graph import document
from graphengine.graph.errors import DocumentError
from graphengine.graph.workflow import Workflow
from tests.compat.comfyui.kinds import SPECS

FILMS = Path(__file__).parents[2] / "data/films"
WITH = ("comfy.mp4", "fast.mp4", "mov.mov", "vhs.mp4", "comfy.webm", "vhs.webm", "mkv.mkv")
PROMPT = {"1": {"class_type": "PreviewAny", "inputs": {"source": "é 猫"}}}


def film(name):
    return (FILMS / name).read_bytes()


def box(kind, *parts):
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


@pytest.mark.parametrize("name", WITH)
def test_both_graphs_of_a_film_are_read(name):
    data = film(name)
    assert is_video(data)
    texts = video_texts(data)
    assert json.loads(texts["prompt"]) == PROMPT
    assert json.loads(texts["workflow"])["x"] == "é 猫"
    read = formats.read(data, SPECS)
    assert read == formats.read(texts["workflow"].encode(), SPECS)
    assert [node.kind for node in read.nodes.values()] == ["PreviewAny"]


def test_a_film_without_a_workflow_is_refused_with_what_it_has():
    with pytest.raises(DocumentError, match=r"film has no workflow in it: it holds the texts '.too'|no texts"):
        formats.read(film("none.mp4"), SPECS)


@pytest.mark.parametrize("name", WITH)
def test_a_film_that_is_cut_off_is_refused_in_words(name):
    data, refused = film(name), []
    for end in range(8, len(data) - 1, 7):
        try:
            read = formats.read(data[:end], SPECS)  # what it carries, or one of two graphs, may lie before the cut
        except DocumentError as error:
            refused.append(error.message)
        else:
            assert [node.kind for node in read.nodes.values()] == ["PreviewAny"]
    assert len(refused) > 10
    assert all("film" in message or "document" in message for message in refused)


@given(st.sampled_from(WITH), st.integers(0, 700), st.binary(min_size=1, max_size=8))
def test_a_damaged_film_is_read_as_a_workflow_or_refused(name, place, bytes_):
    data = bytearray(film(name))
    begin = max(0, len(data) - place - len(bytes_))  # what it carries is at the end of most
    data[begin : begin + len(bytes_)] = bytes_
    try:
        found = formats.read(bytes(data), SPECS)
    except DocumentError as error:
        found = error.message
    assert found and isinstance(found, Workflow | str)


def test_texts_larger_than_the_limit_are_refused(monkeypatch):
    monkeypatch.setattr(document, "MAX_BYTES", 100)
    with pytest.raises(DocumentError, match="more than 100 bytes"):
        video_texts(film("comfy.webm"))


def test_a_film_of_nothing_but_small_parts_takes_seconds_at_most():
    began = time.process_time()
    assert video_texts(box(b"ftyp") + box(b"free") * 3_000_000) == {}
    assert time.process_time() - began < 5


def test_a_comment_that_is_no_json_is_a_comment():
    item = box(b"\xa9cmt", box(b"data", bytes(8), b"{made by hand"))
    meta = box(b"meta", bytes(4), box(b"hdlr", bytes(25)), box(b"ilst", item))
    assert video_texts(box(b"ftyp") + box(b"moov", meta)) == {"comment": "{made by hand"}
