from graphengine.compat.comfyui_server.outline import outline
from graphengine.graph import document
from graphengine.graph.workflow import Link, Node, Workflow


def test_an_outline_has_kinds_sources_and_values_also_of_texts_that_are_cut_in_the_middle_of_a_character():
    inputs = {"clip": Link("load", "clip"), "text": "half an emoji: \ud83d", "map": {"link": {"node": "x"}}}
    saved = document.save(Workflow({"load": Node("Load"), "say": Node("Say", inputs)}), indent=None)
    assert outline(saved) == (
        {"load": "Load", "say": "Say"},
        {"load": [], "say": ["load"]},
        {"load": {}, "say": {"text": inputs["text"], "map": inputs["map"]}},
    )


def test_an_id_without_a_character_is_one_of_a_node_too():
    saved = document.save(Workflow({"": Node("Load"), "say": Node("Say", {"clip": Link("", "clip")})}), indent=None)
    assert outline(saved) == ({"": "Load", "say": "Say"}, {"": [], "say": [""]}, {"": {}, "say": {}})
