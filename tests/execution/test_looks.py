"""What people are shown of values: of plain data, of lists of values, and by functions that misbehave."""

import math

import pytest

from graphengine.execution.looks import Look, Looks
from graphengine.execution.values import Items


@pytest.mark.parametrize(
    ("value", "facts", "text"),
    [
        (None, {}, "None"),
        (True, {}, "True"),
        (0.5, {}, "0.5"),
        ("two\nlines", {"characters": 9}, "two\nlines"),
        ([1, "a", None, object()], {"items": 4}, "1\na\nNone\nobject"),
        ({"a": 1, "b": [2]}, {"items": 2}, "a: 1\nb: list"),
        ("long" * 10**6, {"characters": 4 * 10**6}, "long" * 2500),
        (range(3), {"class": "range", "bytes": 64}, ""),
    ],
)
def test_plain_data_tell_themselves(value, facts, text):
    look = Looks().of("*", value)
    assert (look.facts, look.text) == (facts, text)


def test_the_port_type_counts_before_the_class_and_the_class_before_nothing():
    looks = Looks({"WORD": lambda: lambda value: Look(text="a word"), "str": lambda: lambda value: Look(text="a str")})
    assert [looks.of(type, "x").text for type in ("WORD", "STRING", "*")] == ["a word", "a str", "a str"]
    assert looks.of("WORD", Items(["x", "y"])) == Look({"items": 2}, "a word")
    assert looks.of("WORD", Items()).facts == {"items": 0}


@pytest.mark.parametrize(
    "function",
    [
        lambda value: 1 / 0,
        lambda value: {"facts": {}},
        lambda value: Look(facts=5),
        lambda value: Look(bars=["no number"]),
    ],
)
def test_a_function_that_fails_is_told_beside_what_is_known_anyway(function):
    look = Looks({"WORD": lambda: function}).of("WORD", "hello")
    assert look.facts["characters"] == 5 and "Error" in look.facts["problem"]


def test_facts_are_numbers_that_json_has_texts_or_lists_of_them():
    given = Look({1: math.inf, "many": [math.nan, 2, "x" * 1000], "odd": object}, bars=[math.nan, 1.0])
    look = Looks({"WORD": lambda: lambda value: given}).of("WORD", "")
    assert look.facts == {"1": "inf", "many": ["nan", 2, "x" * 300], "odd": "<class 'object'>"} and not look.bars
