"""Literals: nothing is lost in silence."""

import pytest

from graphengine.graph.literals import Unfit, convert, short
from graphengine.graph.spec import InputSpec

CONVERTED = [
    ("INT", 8, 8), ("INT", 8.0, 8), ("INT", "8", 8), ("INT", 2**64 - 1, 2**64 - 1), ("INT", -1e15, -(10**15)),
    ("FLOAT", 8, 8.0), ("FLOAT", "8.5", 8.5), ("FLOAT", 8.5, 8.5), ("FLOAT", 2**53, 2.0**53),
    ("STRING", "8", "8"), ("STRING", 8, "8"), ("STRING", 8.5, "8.5"),
    ("BOOLEAN", True, True), ("BOOLEAN", 1, True), ("BOOLEAN", 0, False), ("BOOLEAN", "False", False),
    ("*", [1, {"a": 2}], [1, {"a": 2}]), ("~T", "x", "x"),
    ("INT,FLOAT", 8.5, 8.5), ("FLOAT,INT", 8, 8), ("INT,STRING", "08", "08"), ("BOOLEAN,INT", 1, 1),
    ("IMAGE,FLOAT", 8, 8.0), ("COMBO", "anything", "anything"),
]  # fmt: skip
REFUSED = [
    ("INT", 8.9, "wrong_type"), ("INT", "8.9", "wrong_type"), ("INT", True, "wrong_type"), ("INT", None, "wrong_type"),
    ("INT", [8], "wrong_type"), ("INT", "9" * 5000, "wrong_type"), ("FLOAT", "x", "wrong_type"),
    ("FLOAT", True, "wrong_type"), ("FLOAT", "nan", "wrong_type"), ("FLOAT", "inf", "wrong_type"),
    ("FLOAT", 10**400, "wrong_type"), ("FLOAT", 2**53 + 1, "wrong_type"), ("STRING", True, "wrong_type"),
    ("STRING", ["a"], "wrong_type"), ("BOOLEAN", 2, "wrong_type"), ("BOOLEAN", "yes", "wrong_type"),
    ("BOOLEAN", [], "wrong_type"), ("IMAGE", 1, "needs_link"), ("IMAGE,MASK", "x", "needs_link"),
    ("INT,FLOAT", "x", "needs_link"),
]  # fmt: skip


@pytest.mark.parametrize(("type_", "value", "wanted"), CONVERTED)
def test_a_literal_is_converted_without_a_loss(type_, value, wanted):
    found = convert(InputSpec("x", type_), value)
    assert (type(found), found) == (type(wanted), wanted)


@pytest.mark.parametrize(("type_", "value", "code"), REFUSED)
def test_a_literal_that_would_lose_something_is_refused(type_, value, code):
    with pytest.raises(Unfit) as caught:
        convert(InputSpec("x", type_), value)
    assert caught.value.code == code
    assert len(caught.value.message) < 200


@pytest.mark.parametrize("type_", ["INT", "FLOAT", "INT,FLOAT"])
def test_a_range_includes_its_bounds_and_nothing_beyond(type_):
    port = InputSpec("x", type_, low=-1, high=3)
    assert [convert(port, value) for value in (-1, 0, 3)] == [-1, 0, 3]
    for value in (-2, 4, 10**15):
        with pytest.raises(Unfit) as caught:
            convert(port, value)
        assert caught.value.code == "out_of_range"


def test_the_largest_seed_fits_and_the_next_does_not():
    port = InputSpec("x", "INT", low=0, high=2**64 - 1)
    assert convert(port, 2**64 - 1) == 2**64 - 1
    with pytest.raises(Unfit):
        convert(port, 2**64)


def test_a_choice_is_one_of_its_choices_and_of_its_type():
    port = InputSpec("x", "COMBO", choices=("euler", "heun", 1))
    assert convert(port, "heun") == "heun"
    for value in ("hein", True, 1.0, ["euler"], None):
        with pytest.raises(Unfit) as caught:
            convert(port, value)
        assert caught.value.code == "bad_choice"
    with pytest.raises(Unfit, match="is none of its 3 choices") as caught:
        convert(port, "hein")
    assert caught.value.cure.startswith("Try heun")


def test_a_source_is_asked_only_when_it_may_be():
    port = InputSpec("x", "COMBO", source="loras")
    assert convert(port, "a") == "a"
    assert convert(port, "a", lambda source: {"loras": ["a"]}[source]) == "a"
    with pytest.raises(Unfit, match="none of its 1 choices"):
        convert(port, "b", lambda source: ["a"])
    with pytest.raises(Unfit, match="there are no loras"):
        convert(port, "b", lambda source: [])


def test_each_item_of_a_list_is_converted():
    assert convert(InputSpec("x", "INT", many=True), ["1", 2.0]) == [1, 2]
    with pytest.raises(Unfit):
        convert(InputSpec("x", "INT", many=True), [1, 2.5])


def test_an_input_for_links_takes_no_literal():
    with pytest.raises(Unfit) as caught:
        convert(InputSpec("x", "INT", link_only=True), 1)
    assert caught.value.code == "needs_link"


def test_long_values_are_cut_in_messages():
    assert short("a" * 100) == "'" + "a" * 56 + "..."
