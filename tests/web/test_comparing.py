"""Comparing with other workflows, and going back to what was: files, other tabs, what ran."""

import json

from tests.web.editing import ask, document
from tests.web.test_seeing import made, picture


def say(words):
    return document(say=("Say", {"text": words}))


def changed(editor, before, after):
    change = editor.page.locator(".panel .field-change", has=editor.page.locator("del", has_text=before))
    change.locator("ins", has_text=after).wait_for()


def test_a_file_of_any_format_is_compared_with(editor):
    editor.open("comparing/file", say("mine")).show("diff")
    api = {"say": {"class_type": "acts/Say", "inputs": {"text": "of a file"}, "_meta": {"title": "Say"}}}
    file = {"name": "other.json", "mimeType": "application/json", "buffer": json.dumps(api).encode()}
    editor.page.locator(".panel input[type=file]").set_input_files(file)
    editor.page.get_by_text("Compared with other.json").wait_for()
    changed(editor, "of a file", "mine")
    editor.page.locator(".panel input[type=file]").set_input_files({**file, "name": "none.json", "buffer": b"nothing"})
    editor.page.get_by_text("none.json:").first.wait_for()
    changed(editor, "of a file", "mine")  # what is refused changes nothing
    editor.page.get_by_role("button", name="With the saved version").click()
    editor.page.get_by_text("No difference to the saved version.").wait_for()


def test_an_open_workflow_is_compared_with_as_it_is_and_a_saved_one_as_it_was_saved(editor):
    ask(editor.base, "PUT", "/documents/comparing/kept", say("kept"))
    editor.open("comparing/second", say("second"))
    editor.page.evaluate("location.hash = '#/comparing/kept'")
    editor.page.locator(".tab", has_text="kept").wait_for()
    editor.select("Say")
    editor.page.locator(".node-card").get_by_role("textbox", name="text").fill("typed")
    editor.page.locator(".tab", has_text="second").get_by_role("button").first.click()
    editor.show("diff")
    for hint, words in (("open", "typed"), ("Saved", "kept")):
        editor.page.get_by_role("button", name="With a workflow…").click()
        editor.page.keyboard.type("comparing/kept")
        editor.page.locator('[role="option"]', has_text=hint).filter(has_text="comparing/kept").click()
        editor.page.get_by_text("Compared with comparing/kept").wait_for()
        changed(editor, words, "second")


def test_a_version_gets_a_name_that_the_history_and_the_comparison_with_it_tell(editor):
    name = "comparing/named"
    editor.open(name, say("early"))
    [first] = [one["version"] for one in ask(editor.base, "GET", f"/history/{name}")["versions"]]
    ask(editor.base, "PUT", f"/documents/{name}?based_on={first}", say("late"))
    editor.open().open(name).show("history")

    def call(words):
        field = editor.page.get_by_role("textbox", name=f"Name of version {first}")
        with editor.page.expect_response("**/documents/name"):
            field.fill(words)
            field.press("Enter")
        return [one["name"] for one in ask(editor.base, "GET", f"/history/{name}")["versions"]]

    assert call(" before upscaler ") == ["", "before upscaler"]
    editor.page.locator(".panel .card").last.get_by_role("button", name="Compare").click()
    editor.page.get_by_text(f"Compared with 'before upscaler' (version {first})").wait_for()
    changed(editor, "early", "late")
    editor.page.reload()
    editor.show("history")
    assert call("otherwise") == ["", "otherwise"]
    assert call("") == ["", ""]
    editor.page.locator(".panel .card").last.get_by_role("button", name="Compare").click()
    editor.page.get_by_text(f"Compared with version {first}").wait_for()


def test_a_name_that_a_version_gets_elsewhere_is_shown_but_not_over_one_that_is_written_here(editor):
    name = "comparing/named elsewhere"
    path = name.replace(" ", "%20")
    ask(editor.base, "PUT", f"/documents/{path}", say("early"))
    [first] = [one["version"] for one in ask(editor.base, "GET", f"/history/{path}")["versions"]]
    ask(editor.base, "PUT", f"/documents/{path}?based_on={first}", say("late"))
    editor.open(name).show("history")
    field, other = (editor.page.locator(".version-name").nth(at) for at in (1, 0))
    field.wait_for()
    other.press_sequentially("half wri")
    for called in ("by another", ""):
        ask(editor.base, "POST", "/documents/name", {"name": name, "version": first, "called": called})
        editor.page.wait_for_function(
            "called => document.querySelectorAll('.version-name')[1].value === called", arg=called
        )
    assert other.input_value() == "half wri"


def test_what_made_a_picture_is_compared_with_from_the_viewer(editor):
    made(editor.base, picture(0x123456, "compared"), title="comparing/picture")
    editor.open("comparing/picture", picture(0x654321, "compared")).show("results")
    editor.page.locator("button.picture").first.click()
    editor.page.get_by_role("button", name="Compare with what made it").click()
    editor.page.locator("dialog").wait_for(state="detached")
    editor.page.get_by_text("Compared with compared_").wait_for()
    changed(editor, str(0x123456), str(0x654321))


def test_the_history_has_all_runs_of_a_workflow_page_by_page_with_pictures_and_restores_them(editor):
    made(editor.base, picture(0x0000AA, "ran"), title="comparing/runs")
    made(editor.base, *(say(f"run {number}") for number in range(21)), title="comparing/runs")
    made(editor.base, *(say("of another") for _ in range(2)), title="comparing/other")
    editor.open("comparing/runs", say("now")).show("history")
    runs = editor.page.locator(".runs > li")
    editor.page.get_by_role("button", name="Show older ones").click()
    editor.page.wait_for_function("() => document.querySelectorAll('.runs > li').length === 22")
    editor.page.get_by_role("button", name="Show older ones").wait_for(state="detached")
    runs.last.locator("button.picture img").wait_for()
    assert runs.first.locator("button.picture").count() == 0
    runs.nth(3).get_by_role("button", name="Restore").click()
    editor.select("Say")
    field = editor.page.locator(".node-card").get_by_role("textbox", name="text")
    assert field.input_value() == "run 17"
    editor.page.get_by_role("button", name="Undo", exact=True).click()
    assert field.input_value() == "now"
