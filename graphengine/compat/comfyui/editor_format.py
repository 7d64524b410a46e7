"""The graph as ComfyUI's editor saves it, read into a workflow and written back.

    in the editor                                  in a workflow
    a node's widget values by position             literals by input name, by the declaration of its spec
    a link into a slot, or a widget's slot         a link; it overrides the literal
    mode 2 or 4                                    ``muted`` or ``bypassed``
    a subgraph definition and its instances        a sub-workflow and nodes of kind ``@name``
    a widget that a subgraph promotes              an input of its interface, a literal of the instance
    a group node                                   a sub-workflow of its own for each instance
    a PrimitiveNode                                the literal that it pushes, in every input it is linked to
    a Reroute node, a native reroute               points in the layout that the link goes through
    a Note, a group, places, sizes, colours        the layout
    a node of a kind without a spec                its slots and values in the node's extra fields, see ``signature``
    a control word such as ``randomize``           ``control`` in the layout

What a workflow has and the editor has no field for (an interface of the whole, a literal without a widget) is written
under ``graphengine`` into ``extra`` or ``properties``, which the editor keeps.
"""

from collections.abc import Mapping
from typing import Any

from graphengine.graph.errors import DocumentError
from graphengine.graph.spec import NodeSpec
from graphengine.graph.workflow import Workflow


def is_editor(data: Any) -> bool:
    """Whether parsed JSON is a graph as ComfyUI's editor saves it: it has lists of nodes and of links."""
    if not isinstance(data, dict) or not isinstance(data.get("nodes"), list):
        return False
    return isinstance(data.get("links"), list) or "last_node_id" in data


def read_editor(data: Any, specs: Mapping[str, NodeSpec]) -> Workflow:
    """A workflow from a graph as ComfyUI's editor saves it.

    Raises:
        DocumentError: It is not one, links go round in circles, or it has too many nodes.
    """
    from graphengine.compat.comfyui.editor_reader import workflow_of  # only who meets such a graph waits for it

    if not is_editor(data):
        raise DocumentError(
            "The document is not a graph of ComfyUI's editor.", 'It is an object with the lists "nodes" and "links".'
        )
    return workflow_of(data, specs)


def write_editor(workflow: Workflow, specs: Mapping[str, NodeSpec]) -> dict[str, Any]:
    """The graph as ComfyUI's editor saves it.

    Raises:
        DocumentError: A link comes from a node that is not there, or from an output whose index nobody knows.
    """
    from graphengine.compat.comfyui.editor_writer import graph_of

    return graph_of(workflow, specs)
