"""While just one task can be done, the caller's thread does it."""

import asyncio
import threading
from typing import Annotated

from graphengine.api import Node, PortType, Workflow, node
from tests.execution.kinds import engine, link

Threads = Annotated[list, PortType("THREADS")]


@node()
def First(which: int = 0) -> Threads:
    return [threading.get_ident()]


@node()
def Then(before: Threads) -> Threads:
    return [*before, threading.get_ident()]


@node(resource="io")
def Waits(before: Threads) -> Threads:
    return [*before, threading.get_ident()]


@node(resource="device")
def Device(before: Threads) -> Threads:
    return [*before, threading.get_ident()]


@node(output=True)
def Join(one: Threads, other: Threads = ()) -> Threads:
    return [*one, *other]


KINDS = (First, Then, Waits, Device, Join)


def ran_in(tmp_path, workflow, target):
    return engine(tmp_path, *KINDS).run(workflow, [target]).values[target][0]


def chain(*kinds):
    nodes = {"0": Node("First")}
    for place, kind in enumerate(kinds):
        nodes[str(place + 1)] = Node(kind, {"before": link(str(place), "threads")})
    return Workflow(nodes), str(len(kinds))


def test_a_chain_is_done_by_the_caller_up_to_the_first_that_needs_the_device(tmp_path):
    mine = threading.get_ident()
    assert ran_in(tmp_path, *chain("Then", "Waits", "Then")) == [mine] * 4
    *before, device, after = ran_in(tmp_path / "device", *chain("Waits", "Device", "Then"))
    assert before == [mine] * 2
    assert mine not in (device, after)


def test_a_chain_needs_no_thread(tmp_path):
    before = threading.enumerate()
    assert len(ran_in(tmp_path, *chain("Then", "Waits", "Then"))) == 4
    assert threading.enumerate() == before


def test_where_more_can_be_done_at_a_time_threads_do_it(tmp_path):
    nodes = {
        "a": Node("First"),
        "b": Node("First", {"which": 1}),
        "z": Node("Join", {"one": link("a", "threads"), "other": link("b", "threads")}),
    }
    assert threading.get_ident() not in ran_in(tmp_path, Workflow(nodes), "z")


def test_in_an_event_loop_the_caller_does_nothing_since_nodes_may_have_their_own(tmp_path):
    async def inside():
        return ran_in(tmp_path, *chain("Then"))

    assert threading.get_ident() not in asyncio.run(inside())


def test_an_interrupt_inside_a_node_cancels_the_run(tmp_path):
    @node()
    def Interrupted(before: Threads) -> Threads:
        raise KeyboardInterrupt

    workflow, _ = chain("Then", "Interrupted", "Then")
    outcome = engine(tmp_path, *KINDS, Interrupted).run(workflow, ["3"])
    assert (outcome.status, outcome.ran, outcome.blocked) == ("cancelled", ["0", "1"], ["2", "3"])
