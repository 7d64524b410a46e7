"""Sizes and families along wires, known while a workflow is edited and before it runs (users.md 3.2: 3)."""

import re

import pytest

from graphengine.diffusion.families import FAMILIES
from tests.web.editing import AXE, ROOT, link


def workflow():
    twice = {
        "nodes": {"scale": {"kind": "ImageScaleBy", "title": "Scale", "inputs": {"scale_by": 2}}},
        "interface": {
            "inputs": {"picture": [{"node": "scale", "input": "image"}]},
            "outputs": {"larger": {"node": "scale", "output": "image"}},
        },
    }
    nodes = {
        "number": {"kind": "PrimitiveInt", "title": "Number", "inputs": {"value": 96}},
        "empty": {"kind": "EmptyImage", "title": "Empty", "inputs": {"width": 64, "height": link("number", "int")}},
        "twice": {"kind": "@twice", "title": "Twice", "inputs": {"picture": link("empty", "image")}},
        "rotate": {
            "kind": "ImageRotate", "title": "Rotate",
            "inputs": {"image": link("twice", "larger"), "rotation": "90 degrees"},
        },
        "model": {
            "kind": "CheckpointLoaderSimple", "title": "Model", "inputs": {"ckpt_name": "tiny_world.safetensors"},
        },
    }  # fmt: skip
    places = {id: {"pos": [320 * at, 100]} for at, id in enumerate(nodes)}
    return {"graphengine": 1, "nodes": nodes, "workflows": {"twice": twice}, "layout": {"nodes": places}}


def node(editor, id):
    return editor.page.locator(f'.node[data-id="{id}"]')


def fact(editor, id, words):
    """Waits until an output of a node tells that."""
    node(editor, id).locator(".row-fact", has_text=re.compile(f"^{words}$")).first.wait_for()


def test_sizes_and_families_are_at_sockets_before_anything_runs_and_follow_edits(editor):
    editor.open("facts/follow", workflow())
    fact(editor, "empty", "64×96")
    fact(editor, "twice", "128×192")
    fact(editor, "rotate", "192×128")
    fact(editor, "model", "SD 1")
    name = node(editor, "rotate").locator('.socket[data-side="input"]').first.get_attribute("aria-label")
    assert name.startswith("input image, IMAGE 128×192, connected to Twice")
    node(editor, "number").get_by_label("Number value").fill("32")
    editor.page.keyboard.press("Enter")
    fact(editor, "rotate", "64×128")
    assert editor.page.locator(".node[data-state]").count() == 0


def test_inside_of_a_sub_workflow_the_sizes_of_this_use_are_shown(editor):
    editor.open("facts/inside", workflow())
    fact(editor, "twice", "128×192")
    node(editor, "twice").locator(".node-title").dblclick()
    fact(editor, "scale", "128×192")


def test_the_list_and_the_inspector_tell_them_too(editor):
    editor.open("facts/list", workflow())
    editor.select("Rotate")
    editor.page.locator('[data-node-row="rotate"] .facts', has_text="image 192×128").wait_for()
    assert editor.text('[data-node-row="model"] .facts') == "model SD 1, clip SD 1, vae SD 1"
    assert editor.text('[data-node-row="number"] .facts') == ""
    card = editor.page.locator('.node-card[data-node="rotate"]')
    assert "IMAGE 192×128" in card.locator(".outputs li").inner_text()
    assert "IMAGE 128×192" in card.locator('[data-input="image"] .line').first.inner_text()


@pytest.mark.skipif(not AXE, reason="needs axe-core (AXE_CORE)")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_with_facts_shown(editors, scheme):
    editor = editors(bypass_csp=True, color_scheme=scheme).open("facts/axe", workflow())
    fact(editor, "rotate", "192×128")
    assert editor.serious() == []


def test_every_family_that_a_wire_can_have_has_a_short_name():
    shown = re.findall(r'"family\.(.+)": "', (ROOT / "web/js/text/en_graph.js").read_text("utf-8"))
    assert set(shown) == {family.name for family in FAMILIES if family.roles != {"embedding"}}
