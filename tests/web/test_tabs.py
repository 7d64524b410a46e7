"""Several tabs of one browser: nobody overwrites what another one did, and all see what runs."""

import pytest

from tests.web.editing import ask, document
from tests.web.test_keeping import SAY, draft, text_field, wait_for_draft

TOLD = "was changed elsewhere"


def two(editors, name, workflow):
    """Two tabs of one browser with the same workflow."""
    first = editors().open(name, workflow)
    return first, editors(first.page.context).open(name)


def reopen(editor, name):
    editor.page.get_by_role("button", name="Open…").click()
    editor.page.locator(".dialog .card", has_text=name).click()
    editor.page.locator(".dialog").wait_for(state="detached")


def states(editor):
    return editor.page.locator("[data-node-row]").evaluate_all("rows => rows.map(row => row.dataset.state)")


def test_what_one_tab_runs_the_other_one_watches_while_it_edits(editors):
    work = document(work=("Work", {"seconds": 2.0, "after": 11}), say=("Say", {"text": "from the tabs"}))
    first, second = two(editors, "kept/watched", work)
    second.select("Say")
    first.show("list")
    first.run()
    second.wait_for_state("work", "running")
    second.page.wait_for_selector(".outlook.busy")
    text_field(second).fill("changed while it ran")
    for editor in (first, second):
        editor.wait_for_state("work", "done")
        editor.page.wait_for_selector(".outcome.done")
    assert states(first) == states(second) == ["done", "done"]
    second.show("results")
    assert "from the tabs" in second.text(".panel")
    second.show("inspector")
    assert text_field(second).input_value() == "changed while it ran"
    first.page.wait_for_selector(f"text={TOLD}")


def test_two_workflows_that_run_at_once_in_two_tabs_keep_their_own_states(editors):
    first = editors().open("kept/one", document(work=("Work", {"seconds": 1.5, "after": 21})))
    second = editors(first.page.context).open("kept/two", document(work=("Work", {"seconds": 1.5, "after": 22})))
    for editor in (first, second):
        editor.show("list")
        editor.run()
    second.page.wait_for_selector(".outlook.busy")
    first.wait_for_state("work", "done")
    second.wait_for_state("work", "running")
    second.wait_for_state("work", "done")
    assert states(first) == ["done"]


def test_a_workflow_that_is_closed_while_it_runs_shows_the_run_when_it_is_opened_again(editor):
    ask(editor.base, "PUT", "/documents/kept/other", SAY)
    editor.open("kept/closed", document(work=("Work", {"seconds": 5.0, "after": 31}))).show("list")
    editor.run()
    editor.wait_for_state("work", "running")
    reopen(editor, "kept/other")
    editor.page.get_by_role("button", name="Close this workflow: kept/closed").click()
    reopen(editor, "kept/closed")
    editor.show("list")
    editor.wait_for_state("work", "running")
    editor.page.get_by_role("button", name="Cancel", exact=True).click()
    editor.page.wait_for_selector(".outcome.cancelled")


def test_a_tab_that_saves_second_is_told_and_can_keep_both(editors):
    first, second = two(editors, "kept/second", SAY)
    for editor, words in ((first, "of the first"), (second, "of the second")):
        editor.select("Say")
        text_field(editor).fill(words)
    first.page.keyboard.press("Control+s")
    first.page.wait_for_selector("text=Saved as version")
    told = second.page.locator(".toast", has_text="was saved elsewhere meanwhile")
    told.wait_for()
    assert text_field(second).input_value() == "of the second"
    assert wait_for_draft(second.base, "kept/second", "of the second", 4)  # which the other's save had ended
    told.get_by_role("button", name="Save under another name…").click()
    second.page.get_by_role("textbox", name="Name (").fill("kept/second too")
    second.page.keyboard.press("Enter")
    second.page.wait_for_selector("text=Saved as version")
    saved = [ask(first.base, "GET", f"/documents/kept/{name}") for name in ("second", "second%20too")]
    assert [one["nodes"]["say"]["inputs"]["text"] for one in saved] == ["of the first", "of the second"]
    for _ in range(100):  # nothing of it is left where it is not meant to be
        if draft(first.base, "kept/second") is None:
            return
        second.page.wait_for_timeout(50)
    raise AssertionError(draft(first.base, "kept/second"))


def test_a_tab_made_of_another_one_is_not_taken_for_it(editors):
    first = editors().open("kept/twin", SAY)
    with first.page.expect_popup() as opened:
        first.page.evaluate("open(location.href)")
    second = opened.value
    second.wait_for_selector("body[data-ready]")
    first.select("Say")
    text_field(first).fill("of the first")
    second.wait_for_selector(f"text='kept/twin' {TOLD}")
    second.close()


def test_two_browsers_hear_of_each_other_and_neither_overwrites_what_the_other_one_kept(editors):
    first, second = editors().open("kept/browsers", SAY), editors().open("kept/browsers")
    first.select("Say")
    second.select("Say")
    text_field(first).fill("of the first")
    told = second.page.locator(".toast", has_text=TOLD)
    told.wait_for()
    text_field(second).fill("of the second")
    second.page.wait_for_timeout(1500)  # longer than the pause before a draft
    assert draft(first.base, "kept/browsers")["nodes"]["say"]["inputs"]["text"] == "of the first"
    told.get_by_role("button", name="Keep mine").click()
    assert wait_for_draft(first.base, "kept/browsers", "of the second", 4)
    told = first.page.locator(".toast", has_text=TOLD)
    told.wait_for()
    told.get_by_role("button", name="Show theirs").click()
    assert text_field(first).input_value() == "of the second"
    first.page.keyboard.press("Control+s")
    first.page.wait_for_selector("text=Saved as version")
    second.page.locator(".tab .dirty").wait_for(state="detached")  # it has what was saved


def test_a_draft_of_another_browser_is_not_written_over_where_its_events_do_not_come(editors):
    first, second = editors(), editors()
    second.page.route_web_socket("**/events/socket*", lambda socket: None)
    first.open("kept/deaf", SAY).select("Say")
    second.open("kept/deaf").select("Say")
    text_field(first).fill("of the first")
    assert wait_for_draft(first.base, "kept/deaf", "of the first", 4)
    text_field(second).fill("of the second")
    second.page.locator(".toast", has_text=TOLD).wait_for()
    assert draft(first.base, "kept/deaf")["nodes"]["say"]["inputs"]["text"] == "of the first"


def test_a_workflow_that_another_browser_renames_or_deletes_is_kept_under_its_new_name_and_not_lost(editors):
    first, second = editors().open("kept/early", SAY), editors().open("kept/early")
    second.select("Say")
    ask(first.base, "POST", "/documents/rename", {"name": "kept/early", "new": "kept/late"})
    second.page.wait_for_function("() => document.title.includes('kept/late')")
    text_field(second).fill("after the new name")
    assert wait_for_draft(first.base, "kept/late", "after the new name", 4)
    ask(first.base, "DELETE", "/documents/kept/late")
    second.page.locator(".toast", has_text="was deleted on the server").wait_for()
    assert wait_for_draft(first.base, "kept/late", "after the new name", 4)
    second.page.keyboard.press("Control+s")
    second.page.locator(".dialog.name button.primary").click()
    second.page.wait_for_selector("text=Saved as version")
    saved = ask(first.base, "GET", "/documents/kept/late")
    assert saved["nodes"]["say"]["inputs"]["text"] == "after the new name"
    assert first.page.title().startswith("kept/late")


@pytest.mark.parametrize("changed", [False, True])
def test_deleting_what_is_open_here_is_told_once_and_undone_without_a_conflict(editors, changed):
    name = f"kept/own-{changed}"
    first, second = editors().open(name, SAY), editors().open(name)
    if changed:
        first.select("Say")
        text_field(first).fill("unsaved")
        assert wait_for_draft(first.base, name, "unsaved", 4)
    first.page.get_by_role("button", name="Open…").click()
    first.page.get_by_role("button", name=f"Delete {name}").click()
    second.page.locator(".toast", has_text="was deleted on the server").wait_for()
    first.page.keyboard.press("Escape")
    told = first.page.locator(".toast", has_text="was deleted")
    told.wait_for()
    first.page.wait_for_timeout(300)  # the event has come to both
    (words,) = told.all_inner_texts()
    assert words.split("\n")[0] == f"'{name}' was deleted. It is still open here: saving makes it anew."
    if changed:
        assert wait_for_draft(first.base, name, "unsaved", 4)
    told.get_by_role("button", name="Undo").click()
    first.page.wait_for_function("name => fetch(`/api/v1/documents/${name}`).then(answer => answer.ok)", arg=name)
    first.expect(404)
    first.page.wait_for_timeout(300)
    assert first.page.locator(".toast").count() == 0
    first.select("Say")
    text_field(first).fill("saved")
    first.page.keyboard.press("Control+s")
    first.page.wait_for_selector("text=Saved as version")
    assert ask(first.base, "GET", f"/documents/{name}")["nodes"]["say"]["inputs"]["text"] == "saved"


def test_taking_a_change_back_ends_no_draft_of_another_tab(editors):
    first, second = two(editors, "kept/ends", SAY)
    second.select("Say")
    text_field(second).fill("of the second")
    assert wait_for_draft(first.base, "kept/ends", "of the second", 4)
    second.page.close()
    first.select("Say")
    text_field(first).fill("two")
    text_field(first).fill("one")
    first.page.wait_for_timeout(1500)  # longer than the pause before a draft
    assert draft(first.base, "kept/ends")["nodes"]["say"]["inputs"]["text"] == "of the second"


def test_a_draft_of_an_older_version_is_not_saved_over_a_newer_one_unseen(editors):
    ask(editors().base, "PUT", "/documents/kept/older", SAY)
    editor = editors()
    [version] = [one["version"] for one in ask(editor.base, "GET", "/history/kept/older")["versions"]]
    theirs = document(say=("Say", {"text": "theirs"}))
    ask(editor.base, "PUT", f"/documents/kept/older?based_on={version}", theirs)
    mine = {"by": "gone", "document": document(say=("Say", {"text": "mine"}))}
    ask(editor.base, "PUT", f"/drafts/kept/older?based_on={version}", mine)
    editor.open("kept/older")
    told = editor.page.locator(".toast", has_text="was saved elsewhere meanwhile")
    told.wait_for()
    editor.select("Say")
    assert text_field(editor).input_value() == "mine"
    told.get_by_role("button", name="Load theirs").click()
    editor.page.locator(".tab .dirty").wait_for(state="detached")
    assert text_field(editor).input_value() == "theirs"
    editor.page.get_by_role("button", name="Undo", exact=True).click()
    assert text_field(editor).input_value() == "mine"
