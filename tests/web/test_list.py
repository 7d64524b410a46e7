"""The workflow in the list, which is the view for screen readers: what the graph can do is done there too."""

import pytest

from tests.web.editing import AXE, ask, document, link

FOCUSED = "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent.trim()"


def three():
    nodes = document(add=("Add", {"a": 3, "b": 4}), more=("Add", {"a": 1, "b": 1}), say=("Say", {}))
    nodes["nodes"]["add"]["title"], nodes["nodes"]["more"]["title"] = "One", "Other"
    return nodes


def test_nodes_are_connected_and_disconnected_by_the_keyboard_alone_without_the_graph(editor):
    editor.open("list/wires", three())
    editor.select("Other")
    connect = editor.page.locator(".node-card").get_by_role("button", name="Connect b…")
    connect.focus()
    editor.page.keyboard.press("Enter")
    choices = editor.page.locator('.dialog.connect [role="option"]')
    choices.first.wait_for()
    assert [title.strip() for title in choices.locator(".title").all_inner_texts()] == ["int of One"]
    editor.page.keyboard.press("Enter")
    editor.page.locator("dialog").wait_for(state="detached")
    assert editor.page.evaluate(FOCUSED) == "Connect b…"
    assert "b ← One" in editor.text('.list [data-node-row="more"]')
    assert editor.saved("list/wires")["nodes"]["more"]["inputs"]["b"] == link("add", "int")
    editor.page.locator(".node-card").get_by_role("button", name="Disconnect b").focus()
    editor.page.keyboard.press("Enter")
    assert editor.page.evaluate(FOCUSED) == "Connect b…"
    assert "b ← One" not in editor.text('.list [data-node-row="more"]')


def test_an_output_is_connected_from_the_inspector_and_by_its_key(editor):
    editor.open("list/outputs", three()).select("One")
    editor.page.locator(".list").get_by_role("button", name="One", exact=True).focus()
    editor.page.keyboard.press("c")
    titles = editor.page.locator(".dialog.connect .title")
    titles.first.wait_for()
    assert [title.strip() for title in titles.all_inner_texts()] == ["int to a of Other", "int to b of Other"]
    editor.page.keyboard.type("b of other")
    editor.page.keyboard.press("Enter")
    assert "b ← One" in editor.text('.list [data-node-row="more"]')
    editor.page.locator(".node-card").get_by_role("button", name="Connect int…").click()
    assert titles.first.inner_text().strip() == "int to a of Other"


@pytest.mark.parametrize(("name", "start"), [
    ("list/node", '.node[data-id="add"]'), ("list/socket", '.node[data-id="add"] .row-output .socket'),
])  # fmt: skip
def test_the_graph_is_wired_by_keyboard_with_the_same_list_and_the_focus_stays(editor, name, start):
    editor.open(name, three()).show("graph")
    editor.page.locator(start).focus()
    editor.page.keyboard.press("c")
    editor.page.locator(".dialog.connect .title").first.wait_for()
    editor.page.keyboard.type("b of other")
    editor.page.keyboard.press("Enter")
    editor.page.locator("dialog").wait_for(state="detached")
    assert editor.saved(name)["nodes"]["more"]["inputs"]["b"] == link("add", "int")
    assert editor.page.evaluate("start => document.activeElement === document.querySelector(start)", start)


def test_a_node_that_was_added_has_the_focus_in_the_list(editor):
    editor.open("list/added", three()).select("One")
    editor.page.keyboard.press("a")
    editor.page.locator(".dialog.finder input").fill("acts refuse")
    editor.page.keyboard.press("Enter")
    editor.page.locator('.list tr[data-selected="true"] .row:focus').wait_for()
    assert editor.page.evaluate(FOCUSED) == "acts/Refuse"


def test_a_node_is_renamed_in_a_dialog_and_no_command_draws_on_a_graph_that_is_not_shown(editor):
    editor.open("list/names", three()).select("One")
    editor.page.keyboard.press("F2")
    field = editor.page.get_by_role("textbox", name="Title")
    dialog = editor.page.locator(".dialog.name")
    dialog.wait_for()
    assert dialog.locator("input").input_value() == "One"
    dialog.locator("input").fill("First")
    editor.page.keyboard.press("Enter")
    dialog.wait_for(state="detached")
    assert field.input_value() == "First"
    for key in ("Control+g", "n", "h", "l"):
        editor.page.keyboard.press(key)
    editor.saved("list/names")
    before = {**three(), "nodes": {**three()["nodes"], "add": {**three()["nodes"]["add"], "title": "First"}}}
    assert ask(editor.base, "GET", "/documents/list/names")["nodes"] == before["nodes"]
    editor.show("graph")
    assert editor.page.locator(".frame, .note").count() == 0


def test_deleting_is_said(editor):
    editor.open("list/deleting", three()).select("One")
    editor.page.keyboard.press("Delete")
    assert editor.page.locator('.list [data-node-row="add"]').count() == 0
    editor.page.get_by_text("1 nodes are deleted").wait_for(state="attached")


@pytest.mark.skipif(not AXE, reason="needs axe-core")
def test_axe_finds_nothing_serious_in_the_list_of_what_can_be_connected(editors):
    editor = editors(bypass_csp=True).open("list/axe", three())
    editor.select("Other")
    editor.page.locator(".node-card").get_by_role("button", name="Connect b…").click()
    editor.page.locator('.dialog.connect [role="option"]').wait_for()
    assert editor.serious() == []
