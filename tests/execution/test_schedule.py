"""The schedule: its whole state after each step, and any interleaving against networkx."""

import random

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from graphengine.execution.plan import Task
from graphengine.execution.schedule import Schedule


def task(id, *after):
    return Task(id, id.encode(), False, after)


def state(schedule):
    return {
        "waiting": {id: count for id, count in schedule.waiting.items() if count},
        "ready": {resource: sorted(heap) for resource, heap in schedule.ready.items() if heap},
        "running": schedule.running,
        "finished": schedule.finished,
        "over": schedule.over,
    }


def test_a_diamond_step_by_step():
    tasks = [task("a"), task("b", "a"), task("c", "a"), task("d", "b", "c", "b")]
    schedule = Schedule(tasks, {"a": "cpu", "b": "cpu", "c": "io", "d": "cpu"})
    waiting = {"b": 1, "c": 1, "d": 2}
    assert state(schedule) == {
        "waiting": waiting, "ready": {"cpu": [(0, "a")]}, "running": set(), "finished": set(), "over": False,
    }  # fmt: skip
    assert schedule.take("io") is None
    assert schedule.take("cpu") == tasks[0]
    assert state(schedule) == {"waiting": waiting, "ready": {}, "running": {"a"}, "finished": set(), "over": False}
    assert schedule.done("a") == ["cpu", "io"]
    assert state(schedule) == {
        "waiting": {"d": 2}, "ready": {"cpu": [(1, "b")], "io": [(2, "c")]}, "running": set(), "finished": {"a"},
        "over": False,
    }  # fmt: skip
    assert schedule.take("cpu") == tasks[1]
    assert schedule.fail("b") == ["d"]
    assert state(schedule) == {
        "waiting": {"d": 2}, "ready": {"io": [(2, "c")]}, "running": set(), "finished": {"a", "b", "d"}, "over": False,
    }  # fmt: skip
    assert schedule.take("io") == tasks[2]
    assert schedule.done("c") == []
    assert state(schedule) == {
        "waiting": {"d": 1}, "ready": {}, "running": set(), "finished": {"a", "b", "c", "d"}, "over": True,
    }  # fmt: skip


def test_nothing_to_do_is_over_at_once():
    assert Schedule([], {}).over


def test_stopping_gives_up_all_but_what_runs():
    schedule = Schedule([task("a"), task("b"), task("c", "a")], dict.fromkeys("abc", "cpu"))
    schedule.take("cpu")
    assert schedule.stop() == ["b", "c"]
    assert not schedule.over
    assert schedule.take("cpu") is None
    assert schedule.done("a") == []
    assert schedule.over


@given(
    st.lists(st.lists(st.integers(0, 11), max_size=3), min_size=1, max_size=12), st.integers(0, 10**6), st.booleans()
)
def test_any_interleaving_finishes_every_task_once_and_in_order(sources, seed, failures):
    rng = random.Random(seed)
    tasks = [task(str(i), *(str(s) for s in linked if s < i)) for i, linked in enumerate(sources)]
    resources = {t.id: rng.choice(["cpu", "io", "device"]) for t in tasks}
    graph = nx.DiGraph([(s, t.id) for t in tasks for s in t.after])
    graph.add_nodes_from(t.id for t in tasks)
    schedule = Schedule(tasks, resources)
    taken, done, failed, blocked = [], set(), set(), []
    while not schedule.over:
        running = [id for id in taken if id not in done | failed]
        assert schedule.running == set(running)
        candidates = [r for r in ("cpu", "io", "device") if schedule.ready.get(r)]
        assert running or candidates, "stuck"
        if candidates and (not running or rng.random() < 0.5):
            resource = rng.choice(candidates)
            got = schedule.take(resource)
            ready = [i for i in graph if nx.ancestors(graph, i) <= done and i not in taken and resources[i] == resource]
            assert got.id == min(ready, key=int)
            taken.append(got.id)
        else:
            id = rng.choice(running)
            if failures and rng.random() < 0.3:
                blocked += schedule.fail(id)
                failed.add(id)
            else:
                before = set(taken) | set(blocked) | {i for heap in schedule.ready.values() for _, i in heap}
                done.add(id)
                released = schedule.done(id)
                now = [i for i in graph.successors(id) if nx.ancestors(graph, i) <= done and i not in before]
                assert sorted(released) == sorted(resources[i] for i in now)
    assert len(taken) == len(set(taken))
    assert set(blocked) == {i for id in failed for i in nx.descendants(graph, id)}
    assert len(blocked) == len(set(blocked))
    assert done | failed | set(blocked) == set(graph)
