"""Calling one node: inputs put together, mapped, outputs taken apart."""

import asyncio
import time
from typing import Annotated, NamedTuple

import pytest

from graphengine.api import Cancelled, Expansion, Many, NodeError, PortType, Progress, Workflow, node
from graphengine.execution.call import call
from graphengine.execution.values import Items
from graphengine.graph.node import derive


def called(function, cancelled=lambda: False, services=None, **inputs):
    return call(function, derive(node()(function)), inputs, services or {}, cancelled)


class Two(NamedTuple):
    low: int
    many: Many[int]


def add(a: int, b: int = 10) -> int:
    return a + b


def nothing(a: int) -> None:
    return None


def split(a: int) -> Two:
    return Two(-a, [a] * a)


def total(items: Many[int], by: int = 1) -> int:
    return sum(items) * by


def gather(first: int, maybe: int | None = None, *image: int) -> str:
    return repr((first, maybe, image))


async def later(a: int) -> int:
    await asyncio.sleep(0.05)
    return a * 2


def test_a_plain_call_gives_one_value_for_each_output():
    assert called(add, a=1) == (11,)
    assert called(add, a=1, b=2) == (3,)
    assert called(nothing, a=1) == ()
    assert called(split, a=2) == (-2, Items([2, 2]))
    assert isinstance(called(split, a=2)[1], Items)


def test_items_are_mapped_the_shorter_repeating_their_last():
    assert called(add, a=Items([1, 2, 3]), b=Items([10, 20])) == (Items([11, 22, 23]),)
    assert called(add, a=Items([1, 2]), b=5) == (Items([6, 7]),)
    assert called(add, a=Items(), b=Items([1])) == (Items(),)
    assert called(nothing, a=Items([1, 2])) == ()


def test_lists_from_mapped_calls_are_joined():
    assert called(split, a=Items([1, 2])) == (Items([-1, -2]), Items([1, 2, 2]))


def test_many_takes_all_items_at_once_and_one_value_as_a_list():
    assert called(total, items=Items([1, 2, 3])) == (6,)
    assert called(total, items=5) == (5,)
    assert called(total, items=[1, 2]) == (3,)
    assert called(total, items=Items()) == (0,)
    assert called(total, items=Items([1, 2]), by=Items([1, 10])) == (Items([3, 30]),)


def test_variadic_inputs_are_given_in_the_order_of_their_numbers():
    inputs = {f"image{i}": i for i in (10, 2, 1)}
    assert called(gather, first=0, **inputs) == ("(0, None, (1, 2, 10))",)
    assert called(gather, first=0, maybe=5) == ("(0, 5, ())",)
    assert called(gather, first=Items([0, 1]), image1=7) == (Items(["(0, None, (7,))", "(1, None, (7,))"]),)


@pytest.mark.alone
def test_coroutines_are_awaited_together():
    began = time.perf_counter()
    assert called(later, a=Items(range(20))) == (Items(range(0, 40, 2)),)
    assert time.perf_counter() - began < 0.8
    assert called(later, a=Items()) == (Items(),)


def test_cancel_stops_between_items_and_inside_coroutines():
    done = []

    def note(a: int) -> int:
        done.append(a)
        return a

    async def forever(a: int) -> int:
        await asyncio.sleep(60)
        return a

    with pytest.raises(Cancelled):
        called(note, lambda: len(done) == 2, a=Items(range(9)))
    assert done == [0, 1]
    with pytest.raises(Cancelled):
        called(forever, lambda: True, a=1)


def test_services_are_given_by_name():
    def echo(a: int, *, progress: Progress) -> str:
        return f"{a} {progress}"

    assert called(echo, a=1, services={"progress": "p"}) == ("1 p",)


def test_an_expansion_is_handed_on_but_not_for_one_item_of_several():
    def expand(a: int) -> int | Expansion:
        return Expansion(Workflow())

    assert called(expand, a=1) == Expansion(Workflow())
    with pytest.raises(NodeError, match="one of several items"):
        called(expand, a=Items([1]))


class Point(NamedTuple):
    x: int
    y: int


def test_a_value_that_is_a_named_tuple_is_one_output_where_it_has_a_port_type():
    def point(a: int) -> Annotated[Point, PortType("POINT")]:
        return Point(a, 2)

    def wrong(a: int) -> int:
        return Point(a, 2)

    assert called(point, a=1) == (Point(1, 2),)
    with pytest.raises(NodeError, match=r"returned Point, not its 1 outputs"):
        called(wrong, a=1)


@pytest.mark.parametrize("returned", [5, (1,), (1, 2, 3), None])
def test_what_was_not_declared_is_a_node_error(returned):
    def wrong(a: int) -> Two:
        return returned

    with pytest.raises(NodeError, match=r"not its 2 outputs \(low, many\)"):
        called(wrong, a=1)


def test_what_a_function_raises_reaches_the_caller():
    def fail(a: int) -> int:
        raise KeyError(a)

    async def fail_later(a: int) -> int:
        raise KeyError(a)

    for function in (fail, fail_later):
        with pytest.raises(KeyError):
            called(function, a=1)
