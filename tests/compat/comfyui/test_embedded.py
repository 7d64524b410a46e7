import json

from graphengine.compat.comfyui.embedded import embedded_texts
from graphengine.graph import document
from graphengine.graph.workflow import Link, Node, Workflow


def test_what_is_written_says_the_workflow_in_all_formats_that_can():
    workflow = Workflow({"a": Node("K", {"x": 1}), "b": Node("K", {"y": Link("a", "0")})})
    texts = embedded_texts(workflow, {})
    assert document.load(texts["graphengine"]) == workflow
    assert json.loads(texts["prompt"])["b"] == {"class_type": "K", "inputs": {"y": ["a", 0]}}
    assert texts.keys() == {"graphengine", "prompt", "workflow"}
    broken = Workflow({"b": Node("K", {"y": Link("gone", "image")})})
    assert embedded_texts(broken, {}).keys() == {"graphengine"}
