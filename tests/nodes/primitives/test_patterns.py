"""Regular expressions: where there is an answer of ComfyUI 0.8.0, it is the one expected here."""

import time

import pytest

from graphengine.api import NodeError

WORDS, PAIR = "a1 b22 C333", r"([a-z])(\d+)"
EXTRACTED = [
    ("First Match", WORDS, PAIR, 1, "a1"), ("First Match", "a1", "z", 1, ""), ("First Match", "ab", "(a)|(b)", 2, "a"),
    ("All Matches", WORDS, PAIR, 2, "a\nb\nC"), ("All Matches", "a1 b22", r"\d+", 1, "1\n22"),
    ("All Matches", "ab", "(a)|(b)", 2, "a\n"), ("All Matches", "aa", "", 1, "\n\n"),
    ("First Group", WORDS, PAIR, 1, "a"), ("First Group", WORDS, PAIR, 2, "1"), ("First Group", WORDS, PAIR, 0, "a1"),
    ("First Group", WORDS, PAIR, 3, ""), ("First Group", "a1 b22", r"\d+", 1, ""),
    ("All Groups", WORDS, PAIR, 1, "a\nb\nC"), ("All Groups", WORDS, PAIR, 2, "1\n22\n333"),
    ("All Groups", WORDS, PAIR, 0, "a1\nb22\nC333"), ("All Groups", WORDS, PAIR, 3, ""),
    ("All Groups", "a1", "z", 1, ""),
]  # fmt: skip
REPLACED = [
    ("aXbxc", "x", "-", 0, "a-b-c"), ("aXbxc", "x", "-", 1, "a-bxc"), ("a1", r"(\w)(\d)", r"\2\1", 0, "1a"),
    ("a1", r"(?P<n>\d)", r"<\g<n>>", 0, "a<1>"), ("abc", "", "-", 0, "-a-b-c-"), ("a", "a", "\\n", 0, "\n"),
]  # fmt: skip
FOREVER = {"string": "a" * 64 + "!", "regex_pattern": "^(a|a)*$"}


@pytest.fixture
def patterns(nodes):
    return nodes("primitives", "patterns")


@pytest.mark.parametrize(("mode", "string", "pattern", "index", "answer"), EXTRACTED)
def test_matches_are_extracted(patterns, mode, string, pattern, index, answer):
    assert patterns.RegexExtract(string, pattern, mode, group_index=index) == answer


def test_a_group_that_took_no_part_is_empty(patterns):
    assert patterns.RegexExtract("ab", "(a)|(b)", "First Group", group_index=2) == ""
    assert patterns.RegexExtract("ab", "(a)|(b)", "All Groups", group_index=2) == "\nb"


@pytest.mark.parametrize(("string", "pattern", "put", "count", "answer"), REPLACED)
def test_matches_are_replaced(patterns, string, pattern, put, count, answer):
    assert patterns.RegexReplace(string, pattern, put, count=count) == answer


@pytest.mark.parametrize(
    ("string", "pattern", "flags", "answer"),
    [("abc", "B", {}, True), ("abc", "B", {"case_insensitive": False}, False), ("abc", "^b", {}, False),
     ("a\nb", "^b", {"multiline": True}, True), ("a\nb", "a.b", {}, False), ("a\nb", "a.b", {"dotall": True}, True),
     ("abc", "", {}, True), ("", ".", {}, False)],
)  # fmt: skip
def test_a_text_is_asked_for_a_pattern(patterns, string, pattern, flags, answer):
    assert patterns.RegexMatch(string, pattern, **flags).matches is answer


@pytest.mark.parametrize("kind", ["RegexMatch", "RegexExtract", "RegexReplace"])
def test_a_bad_pattern_is_told(patterns, kind):
    with pytest.raises(NodeError, match="pattern is none") as caught:
        getattr(patterns, kind)("a", "(")
    assert caught.value.input == "regex_pattern"


def test_a_group_that_is_not_there_cannot_be_put_in(patterns):
    with pytest.raises(NodeError, match="cannot be put in"):
        patterns.RegexReplace("a", "a", r"\9")


@pytest.mark.parametrize("kind", ["RegexMatch", "RegexExtract", "RegexReplace"])
def test_a_pattern_that_would_search_for_ever_is_ended(patterns, kind, monkeypatch):
    monkeypatch.setattr(patterns, "SECONDS", 0.2)
    started = time.monotonic()
    with pytest.raises(NodeError, match="still searching"):
        getattr(patterns, kind)(**FOREVER)
    assert time.monotonic() - started < 5
