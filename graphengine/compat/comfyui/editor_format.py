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

from graphengine.compat.comfyui.editor_reader import is_editor, read_editor
from graphengine.compat.comfyui.editor_writer import write_editor

__all__ = ["is_editor", "read_editor", "write_editor"]
