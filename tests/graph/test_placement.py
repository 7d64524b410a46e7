from hypothesis import given
from hypothesis import strategies as st

from graphengine.graph.placement import place
from graphengine.graph.workflow import Link, Node, Workflow


def workflow(links):
    """Nodes 0..n-1; ``links[i]`` are the nodes that node i is linked to."""
    return Workflow({
        str(i): Node("K", {str(j): Link(str(j), "o") for j in sources}) for i, sources in enumerate(links)
    })  # fmt: skip


@given(st.data())
def test_every_node_stands_right_of_its_sources_and_none_overlap(data):
    count = data.draw(st.integers(1, 15))
    links = [data.draw(st.sets(st.integers(0, i - 1), max_size=3)) if i else set() for i in range(count)]
    sizes = {str(i): (data.draw(st.integers(1, 300)), data.draw(st.integers(1, 300))) for i in range(count)}
    corners = place(workflow(links), sizes)
    for i, sources in enumerate(links):
        for j in sources:
            assert corners[str(i)][0] >= corners[str(j)][0] + sizes[str(j)][0]
    boxes = [(x, y, x + sizes[id][0], y + sizes[id][1]) for id, (x, y) in corners.items()]
    for k, one in enumerate(boxes):
        for other in boxes[:k]:
            assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


def test_nodes_of_a_circle_are_placed_too():
    assert place(workflow([{1}, {0}, set()]), dict.fromkeys("012", (10, 10))).keys() == {"0", "1", "2"}


def test_an_empty_workflow_has_no_places():
    assert place(Workflow(), {}) == {}
