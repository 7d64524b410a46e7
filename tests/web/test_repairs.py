"""What an opened workflow needs that is not here: one report, a fix for each, and nothing fetched."""

from tests.web.editing import ask, document, link


def missing():
    workflow = document(say=("Say", {"text": "one"}))
    workflow["nodes"] |= {
        "old": {"kind": "gone/Adding", "title": "Old", "inputs": {"a": 2}},
        "older": {"kind": "gone/Adding", "title": "Older", "inputs": {"a": link("old")}},
        "loader": {"kind": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sd15/tiny_world.ckpt"}},
        "newer": {"kind": "acts/Work", "title": "Newer", "version": 9, "inputs": {"seconds": 0.0}},
    }
    return workflow


def repairs(editor):
    return editor.page.locator(".panel .repair")


def test_opening_tells_once_what_is_missing_and_each_line_has_a_fix_that_can_be_undone(editor):
    editor.open("repairs/all", missing())
    editor.page.wait_for_selector(".toast >> text=repairs/all needs 3 things that are not here")
    repairs(editor).nth(2).wait_for()
    kind = repairs(editor).filter(has_text="There is no kind 'gone/Adding'.")
    assert "It is of the pack 'gone', which is not installed." in kind.inner_text()
    assert kind.locator(".link").all_inner_texts() == ["Old", "Older"]
    kind.get_by_role("button", name="Replace by another kind…").click()
    editor.page.keyboard.type("acts/Add")
    editor.page.keyboard.press("Enter")
    kind.wait_for(state="detached")
    choice = repairs(editor).filter(has_text="checkpoints has no 'sd15/tiny_world.ckpt'.")
    choice.get_by_role("button", name="Take tiny_world.safetensors").click()
    choice.wait_for(state="detached")
    version = repairs(editor).filter(has_text="acts/Work was written for a newer version")
    version.get_by_role("button", name="Take it as version 1").click()
    editor.page.wait_for_selector("text=No problems.")
    editor.page.keyboard.press("Control+s")
    editor.page.wait_for_selector("text=Saved as version")
    nodes = ask(editor.base, "GET", "/documents/repairs/all")["nodes"]
    assert [nodes[id]["kind"] for id in ("old", "older")] == ["acts/Add", "acts/Add"]
    assert nodes["old"]["inputs"] == {"a": 2} and nodes["loader"]["inputs"] == {"ckpt_name": "tiny_world.safetensors"}
    assert "version" not in nodes["newer"]
    undo = editor.page.get_by_role("button", name="Undo", exact=True)
    for _ in range(3):
        undo.click()
    assert undo.is_disabled()


def test_the_report_can_be_left_and_opened_again_and_near_names_are_offered(editor):
    near = document(say=("Say", {"text": "one"}))
    near["nodes"]["odd"] = {"kind": "KSampleer", "title": "Odd", "inputs": {"steps": 3}}
    editor.open("repairs/near", near)
    repairs(editor).wait_for()
    editor.show("inspector")
    editor.show("problems")
    repairs(editor).get_by_role("button", name="Replace by KSampler", exact=True).click()
    editor.page.locator(
        ".panel .card.bad:not(.repair)", has_text="model"
    ).wait_for()  # it now lacks inputs, as any new one
    assert repairs(editor).count() == 0


def test_another_file_is_taken_from_all_that_there_are(editor):
    lost = {"graphengine": 1, "nodes": {"one": {"kind": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "zzz.ckpt"}}}}
    editor.open("repairs/file", lost)
    repairs(editor).get_by_label("Take another one…").select_option(label="tiny_world.safetensors")
    repairs(editor).wait_for(state="detached")
    editor.show("inspector")


def test_a_workflow_that_has_all_it_needs_is_opened_without_a_word(editor):
    editor.open("repairs/none", document(say=("Say", {"text": "has all it needs"})))
    editor.page.wait_for_selector("text=of 1 nodes")
    assert editor.page.locator(".toast").count() == 0 and "Inspector" in editor.text(".panel h2")
