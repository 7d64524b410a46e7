"""Nodes to the clipboard and back, also where the browser has no clipboard for pages: by plain http in a network."""

import json

from tests.web.editing import document, link
from tests.web.test_menus import chain, choose, names, title

NO_CLIPBOARD = "Object.defineProperty(Navigator.prototype, 'clipboard', { get: () => undefined });"
ALLOWED = {"permissions": ["clipboard-read", "clipboard-write"]}


def told(editor, text):
    editor.page.locator(".toast", has_text=text).wait_for()


def ids(editor):
    return set(
        editor.page.locator(".surface-place:not([hidden]) .node").evaluate_all("all => all.map(one => one.dataset.id)")
    )


def test_nodes_are_copied_cut_and_pasted_by_the_keyboard_without_a_clipboard_for_pages(editor):
    editor.page.add_init_script(NO_CLIPBOARD)
    editor.open("clipboard/keys", document(add=("Add", {"a": 3}), work=("Work", {"after": link("add", "int")})))
    title(editor, "Add").click()
    editor.page.keyboard.press("Control+c")
    told(editor, "Copied 1 nodes")
    editor.page.keyboard.press("Control+v")
    told(editor, "Pasted 1 nodes")
    assert ids(editor) == {"add", "work", "add_2"}
    editor.page.keyboard.press("Control+x")  # what was pasted is selected
    told(editor, "Cut 1 nodes")
    assert ids(editor) == {"add", "work"}
    editor.page.keyboard.press("Control+z")
    assert ids(editor) == {"add", "work", "add_2"}


def test_a_menu_copies_only_where_the_browser_lets_it_and_tells_what_happened(editor):
    editor.page.add_init_script(NO_CLIPBOARD)
    editor.open("clipboard/menu", chain())
    for name in ("Copy", "Cut"):
        title(editor, "Work").click(button="right")
        assert name in names(editor)
        choose(editor, f"{name} Ctrl")
        told(editor, "press Ctrl")
        assert editor.page.locator(".toast").count() == 1
    assert ids(editor) == {"add", "work", "say"}


def test_a_frame_is_copied_with_the_nodes_in_it(editors):
    editor = editors(**ALLOWED).open("clipboard/frame", chain())
    title(editor, "Late").click(button="right")
    choose(editor, "Copy")
    told(editor, "Copied 1 nodes")
    text = editor.page.evaluate("navigator.clipboard.readText()")
    assert [group["title"] for group in json.loads(text)["layout"]["groups"]] == ["Late"]
    title(editor, "Late").click()
    editor.press("Control+x")
    told(editor, "Cut 1 nodes")
    assert ids(editor) == {"add", "say"} and editor.page.locator(".frame").count() == 0
    editor.press("Control+v")
    told(editor, "Pasted 1 nodes")
    assert ids(editor) == {"add", "say", "work"} and editor.page.locator(".frame").count() == 1


def test_text_that_is_selected_and_text_in_a_field_is_the_browsers_affair(editor):
    editor.open("clipboard/text", document(say=("Say", {"text": "words"}))).select("Say")
    field = editor.page.locator(".node-card").get_by_role("textbox", name="text")
    field.focus()
    for key in ("Control+a", "Control+x"):
        editor.page.keyboard.press(key)
    assert field.input_value() == "" and editor.page.locator(".toast").count() == 0
    editor.page.keyboard.press("Control+v")
    assert field.input_value() == "words"
