from graphengine.execution.events import Event
from graphengine.server.progress import NodeProgress, note


def test_the_state_of_each_node_follows_the_events_and_what_began_is_not_planned_back():
    nodes = {}
    for kind, node, data in (
        ("planned", "", {"run": ["a", "b", "c", "d"], "cached": ["k"]}),
        ("started", "a", {}),
        ("progress", "a", {"done": 3, "total": 4}),
        ("finished", "a", {"seconds": 1.5}),
        ("started", "b", {}),
        ("failed", "b", {"message": "no"}),
        ("blocked", "c", {"by": "b"}),
        ("planned", "", {"run": ["b", "e"], "cached": ["a"]}),
        ("ended", "", {"status": "failed"}),
    ):
        note(nodes, Event(kind, node, data))
        if kind == "progress":
            assert nodes["a"] == NodeProgress("running", 3, 4)
    assert {id: node.state for id, node in nodes.items()} == {
        "a": "done", "b": "failed", "c": "blocked", "d": "waiting", "e": "waiting", "k": "cached",
    }  # fmt: skip
    assert nodes["a"].seconds == 1.5
