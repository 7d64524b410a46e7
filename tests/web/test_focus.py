"""Where the focus is: after dialogs, and after what they did."""

import pytest

from tests.web.editing import document

FOCUSED = "document.activeElement.closest('[data-id]')?.dataset.id ?? document.activeElement.className"


@pytest.mark.parametrize("key", ["Tab", "Control+k", "Control+o", "?", "Shift+F10"])
def test_a_dialog_that_is_left_gives_the_focus_back(editor, key):
    editor.open("focus/back", document(say=("Say", {}), other=("Say", {})))
    editor.page.locator('.node[data-id="say"]').focus()
    editor.page.keyboard.press(key)
    editor.page.locator("dialog[open]").wait_for()
    editor.page.wait_for_function("() => document.activeElement.closest('dialog')")
    editor.page.keyboard.press("Escape")
    editor.page.locator("dialog").wait_for(state="detached")
    assert editor.page.evaluate(FOCUSED) == "say"


@pytest.mark.parametrize("key", ["Tab", "A"])
def test_what_the_finder_added_has_the_focus_and_lies_at_the_pointer(editor, key):
    editor.open("focus/add", document(say=("Say", {})))
    editor.page.locator(".surface").focus()
    editor.page.mouse.move(400, 500)
    editor.page.keyboard.press(key)
    box = editor.page.locator("dialog.finder").bounding_box()
    assert abs(box["x"] - 400) < 2
    editor.page.keyboard.type("ksamp")
    editor.page.keyboard.press("Enter")
    added = editor.page.locator(".node", has_text="KSampler")
    added.wait_for()
    editor.page.locator("dialog").wait_for(state="detached")
    assert editor.page.evaluate(FOCUSED) == added.get_attribute("data-id")


def test_a_command_of_a_menu_begins_where_the_menu_was_opened(editor):
    editor.open("focus/menu", document(say=("Say", {})))
    editor.page.locator('.node[data-id="say"]').focus()
    editor.page.keyboard.press("Shift+F10")
    editor.page.get_by_role("menuitem", name="Rename").click()
    assert editor.page.evaluate("document.activeElement.className") == "rename"
    editor.page.keyboard.press("Escape")
    assert editor.page.evaluate(FOCUSED) == "say"
