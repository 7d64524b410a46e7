"""Orders, against networkx."""

import itertools

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from graphengine.api import Link, Node
from graphengine.graph import order

GRAPHS = st.lists(st.lists(st.integers(0, 9), max_size=3), max_size=10)


def nodes_of(sources):
    return {
        str(i): Node("K", {str(n): Link(str(source), "o") for n, source in enumerate(linked)})
        for i, linked in enumerate(sources)
    }


def graph_of(nodes):
    graph = nx.DiGraph()
    graph.add_nodes_from(nodes)
    graph.add_edges_from((v.node, id) for id, node in nodes.items() for v in node.inputs.values() if v.node in nodes)
    return graph


@given(GRAPHS)
def test_sources_come_before_readers_and_exactly_cycles_and_what_is_behind_them_are_left_out(sources):
    nodes = nodes_of(sources)
    graph = graph_of(nodes)
    found = order.topological(nodes)
    on_cycles = {id for part in nx.strongly_connected_components(graph) if len(part) > 1 for id in part}
    on_cycles |= {id for id in graph if graph.has_edge(id, id)}
    behind = {reader for id in on_cycles for reader in nx.descendants(graph, id)}
    assert sorted(found) == sorted(graph.nodes - on_cycles - behind)
    place = {id: i for i, id in enumerate(found)}
    assert all(place[a] < place[b] for a, b in graph.edges if b in place)


@given(GRAPHS)
def test_a_cycle_is_a_closed_path_in_the_direction_of_the_links(sources):
    nodes = nodes_of(sources)
    sorted_ = order.topological(nodes)
    left = {id: node for id, node in nodes.items() if id not in sorted_}
    paths = list(order.cycles(left))
    for path in paths:
        assert path[0] == path[-1]
        assert len(set(path)) == len(path) - 1
        assert all(graph_of(nodes).has_edge(a, b) for a, b in itertools.pairwise(path))
    told = [id for path in paths for id in path[1:]]
    assert len(set(told)) == len(told)
    rest = graph_of(left)
    rest.remove_nodes_from(told)
    assert nx.is_directed_acyclic_graph(rest)
    assert bool(paths) == bool(left)


@given(GRAPHS, st.lists(st.integers(0, 12), max_size=3))
def test_ancestors_are_the_targets_and_all_they_depend_on(sources, targets):
    nodes = nodes_of(sources)
    known = {str(target) for target in targets} & nodes.keys()
    wanted = known.union(*(nx.ancestors(graph_of(nodes), target) for target in known))
    assert order.ancestors(nodes, map(str, targets)) == wanted
