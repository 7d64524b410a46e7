"""Never lose work: drafts, versions, two pages at once, files."""

import base64
import time
from urllib.error import HTTPError

import pytest

from tests.server.pictures import png
from tests.web.editing import ROOT, ask, document, slowly

SAY = document(say=("Say", {"text": "one"}))


def text_field(editor):
    return editor.page.locator(".node-card").get_by_role("textbox", name="text")


def draft(base, name):
    try:
        return ask(base, "GET", f"/drafts/{name}")["document"]["document"]
    except HTTPError as error:
        if error.code != 404:
            raise
        return None


def wait_for_draft(base, name, text, seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        kept = draft(base, name)
        if kept and kept["nodes"]["say"]["inputs"]["text"] == text:
            return True
        time.sleep(0.1)
    return False


def test_a_change_is_kept_within_two_seconds_and_is_there_after_the_page_died(editors):
    editor = editors().open("kept/draft", SAY)
    editor.select("Say")
    text_field(editor).fill("two")
    assert wait_for_draft(editor.base, "kept/draft", "two", 4)  # two, and what a busy machine takes
    editor.page.close()
    again = editors().open("kept/draft")
    again.select("Say")
    assert text_field(again).input_value() == "two"
    assert again.page.locator(".tab .dirty").count() == 1


def test_a_change_is_kept_while_people_go_on_typing(editor):
    editor.open("kept/typing", SAY).select("Say")
    text_field(editor).focus()
    began, kept = time.monotonic(), None
    while kept is None and time.monotonic() < began + 6:  # ten of a second and a half, on a busy machine
        editor.page.keyboard.type("x")
        editor.page.wait_for_timeout(200)
        kept = draft(editor.base, "kept/typing")
    assert kept and "x" in kept["nodes"]["say"]["inputs"]["text"]


def test_a_change_is_kept_that_was_made_as_the_page_went(editor):
    editor.open("kept/gone", SAY).select("Say")
    text_field(editor).fill("in the last moment")
    editor.page.goto("about:blank")
    assert wait_for_draft(editor.base, "kept/gone", "in the last moment", 4)


@pytest.mark.parametrize("words", ["in the last moment", "one"], ids=["changed", "changed back"])
def test_what_a_page_says_as_it_goes_counts_also_while_the_answer_to_its_last_draft_is_on_its_way(editor, words):
    name = f"kept/{words.replace(' ', '-')}"
    editor.open(name, SAY).select("Say")
    text_field(editor).fill("two")
    assert wait_for_draft(editor.base, name, "two", 4)
    held = []

    def hold(route):
        route.fetch()
        held.append(route)  # which is never answered

    editor.page.route("**/api/v1/drafts/**", hold, times=1)
    text_field(editor).fill("three")
    while not held:
        editor.page.wait_for_timeout(50)
    before = draft(editor.base, name)
    assert before["nodes"]["say"]["inputs"]["text"] == "three"
    text_field(editor).fill(words)
    editor.page.goto("about:blank")
    until = time.monotonic() + 4
    while (kept := draft(editor.base, name)) == before and time.monotonic() < until:
        time.sleep(0.1)
    assert (kept and kept["nodes"]) == (None if words == "one" else document(say=("Say", {"text": words}))["nodes"])


def test_a_page_that_goes_writes_over_no_draft_of_another_page(editors):
    first, second = editors().open("kept/last-words", SAY), editors().open("kept/last-words")
    first.select("Say")
    first.page.route("**/api/v1/drafts/**", lambda route: route.fetch() and None, times=1)
    text_field(first).fill("of the first")
    told = second.page.locator(".toast", has_text="was changed elsewhere")
    told.wait_for()
    second.select("Say")
    text_field(second).fill("of the second")
    told.get_by_role("button", name="Keep mine").click()
    assert wait_for_draft(first.base, "kept/last-words", "of the second", 4)
    text_field(first).fill("at last")
    first.page.goto("about:blank")
    first.page.wait_for_timeout(1000)
    assert draft(first.base, "kept/last-words")["nodes"]["say"]["inputs"]["text"] == "of the second"


def test_a_workflow_in_the_place_of_the_last_that_was_closed_is_kept_and_saved_as_any_other(editor):
    editor.open("kept/last", SAY)
    editor.page.keyboard.press("Control+k")
    editor.page.get_by_role("combobox").fill("close this workflow")
    editor.page.keyboard.press("Enter")
    editor.page.locator('.tab[data-current="true"]', has_text="last").wait_for(state="detached")
    name = editor.text(".tab .name")
    editor.press("n")  # a note
    until = time.monotonic() + 6
    while not draft(editor.base, name) and time.monotonic() < until:
        time.sleep(0.1)
    assert draft(editor.base, name)["layout"]["notes"]
    editor.page.keyboard.press("Escape")
    editor.page.keyboard.press("Control+Shift+s")
    editor.page.get_by_role("textbox", name="Name (").fill("kept/after the last")
    editor.page.keyboard.press("Enter")
    editor.page.wait_for_selector("text=Saved as version")


def test_the_dirty_mark_is_there_exactly_while_the_document_differs(editor):
    editor.open("kept/dirty", SAY).select("Say")
    dirty = editor.page.locator(".tab .dirty")
    assert dirty.count() == 0
    text_field(editor).fill("two")
    dirty.wait_for()
    text_field(editor).fill("one")
    dirty.wait_for(state="detached")


def test_saving_a_clean_document_writes_nothing_and_a_changed_one_a_version(editor):
    editor.open("kept/saved", SAY).select("Say")
    editor.page.keyboard.press("Control+s")
    assert len(ask(editor.base, "GET", "/history/kept/saved")["versions"]) == 1
    text_field(editor).fill("two")
    editor.page.keyboard.press("Control+s")
    editor.page.wait_for_selector("text=Saved as version")
    assert editor.page.locator(".tab .dirty").count() == 0
    editor.show("history")
    editor.page.locator(".panel .card").last.get_by_role("button", name="Compare").click()
    editor.page.wait_for_selector('.card.diff[data-what="changed"]')
    assert [editor.text(".card.diff del"), editor.text(".card.diff ins")] == ["one", "two"]


def test_a_save_over_another_one_is_told_and_neither_is_lost(editor):
    editor.open("kept/conflict", SAY).select("Say")
    text_field(editor).fill("mine")
    [version] = [one["version"] for one in ask(editor.base, "GET", "/history/kept/conflict")["versions"]]
    ask(editor.base, "PUT", f"/documents/kept/conflict?based_on={version}", document(say=("Say", {"text": "theirs"})))
    editor.page.keyboard.press("Control+s")
    editor.page.wait_for_selector("text=was saved elsewhere meanwhile")
    assert text_field(editor).input_value() == "mine"
    editor.page.get_by_role("button", name="Save mine over it").click()
    editor.page.wait_for_selector("text=Saved as version")


def test_a_second_page_of_the_same_workflow_is_told_of_the_changes_of_the_first(editors):
    first = editors().open("kept/both", SAY)
    second = editors(first.page.context).open("kept/both")
    second.select("Say")
    first.select("Say")
    text_field(first).fill("from the first")
    second.page.wait_for_selector("text='kept/both' was changed elsewhere")
    second.page.get_by_role("button", name="Show theirs").click()
    assert text_field(second).input_value() == "from the first"


def test_a_name_is_asked_for_at_the_first_save_and_the_address_follows(editor):
    editor.open()
    editor.page.keyboard.press("Control+Shift+s")
    editor.page.get_by_role("textbox", name="Name (").fill("kept/named")
    editor.page.keyboard.press("Enter")
    editor.page.wait_for_selector("text=Saved as version")
    assert editor.page.url.endswith("#/kept/named")


def test_saving_under_the_name_of_what_was_never_saved_asks_first(editor):
    kept = {"by": "another", "document": document(say=("Say", {"text": "the only copy"}))}
    ask(editor.base, "PUT", "/drafts/kept/idea", kept)
    editor.open("kept/other", SAY)
    editor.page.keyboard.press("Control+Shift+s")
    editor.page.locator(".dialog.name input").fill("kept/idea")
    editor.page.keyboard.press("Enter")
    told = editor.page.locator(".toast", has_text="was never saved")
    told.wait_for()
    assert draft(editor.base, "kept/idea")["nodes"]["say"]["inputs"]["text"] == "the only copy"
    told.get_by_role("button", name="Save mine over it").click()
    editor.page.wait_for_selector("text=Saved as version")
    assert ask(editor.base, "GET", "/documents/kept/idea")["nodes"]["say"]["inputs"]["text"] == "one"


@pytest.mark.parametrize("saved", [False, True])
def test_what_was_deleted_comes_back_with_what_was_unsaved(editor, saved):
    name = f"kept/trash-{saved}"
    if saved:
        ask(editor.base, "PUT", f"/documents/{name}", SAY)
    unsaved = {"by": "another", "document": document(say=("Say", {"text": "unsaved"}))}
    ask(editor.base, "PUT", f"/drafts/{name}", unsaved)
    editor.open("kept/elsewhere", SAY)
    editor.page.get_by_role("button", name="Open…").click()
    editor.page.get_by_role("button", name=f"Delete {name}").click()
    told = editor.page.locator(".toast", has_text="was deleted")
    told.wait_for()
    assert draft(editor.base, name) is None
    editor.page.keyboard.press("Escape")
    told.get_by_role("button", name="Undo").click()
    assert wait_for_draft(editor.base, name, "unsaved", 4)


def test_a_workflow_is_saved_twice_at_once_and_nobody_is_blamed(editor):
    editor.open("kept/twice", SAY).select("Say")
    editor.page.route("**/documents/kept/twice", slowly(0.3))
    for text in ("two", "three"):
        text_field(editor).fill(text)
        editor.page.keyboard.press("Control+s")
    editor.page.locator(".tab .dirty").wait_for(state="detached")
    assert ask(editor.base, "GET", "/documents/kept/twice")["nodes"]["say"]["inputs"]["text"] == "three"
    assert editor.page.locator(".toast.bad").count() == 0


def test_an_address_that_was_written_by_hand_opens_the_editor(editor):
    editor.page.goto(f"{editor.base}/#/50%")
    editor.page.wait_for_selector("body[data-ready]")
    assert editor.page.locator(".surface").count() == 1


def test_a_file_opens_in_a_tab_of_its_own(editor):
    editor.open("kept/first", SAY)
    editor.page.get_by_role("button", name="Open…").click()
    editor.page.locator('.dialog input[type="file"]').set_input_files(ROOT / "workflows" / "inpaint.json")
    editor.page.wait_for_selector('.tab[data-current="true"] >> text=inpaint')
    assert editor.page.locator(".tab").count() == 2
    editor.page.locator(".tab button", has_text="first").first.click()
    editor.show("list")
    assert editor.page.locator("[data-node-row]").count() == 1


DROP = """async ([bytes, name]) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0))], name));
  for (const type of ["dragenter", "dragover", "drop"])
    document.body.dispatchEvent(new DragEvent(type, {dataTransfer: transfer, bubbles: true, cancelable: true}));
}"""


A1111 = """a red circle
Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512, Model: tiny_world, ENSD: 31337"""
DROPPED = {
    "json": (ROOT / "workflows/lora.json").read_bytes(),
    "png": png(texts={"parameters": A1111}),
    "mp4": (ROOT / "tests/data/films/comfy.mp4").read_bytes(),
}


@pytest.mark.parametrize("kind", DROPPED)
def test_a_dropped_file_opens_in_a_tab_of_its_own(editor, kind):
    editor.open("kept/under", SAY)
    editor.page.evaluate(DROP, [base64.b64encode(DROPPED[kind]).decode(), f"dropped.{kind}"])
    editor.page.wait_for_selector('.tab[data-current="true"] >> text=dropped')
    assert editor.page.locator(".tab").count() == 2 and editor.page.locator(".drop").count() == 0
    if kind == "png":
        assert "ENSD: 31337" in editor.page.locator(".note:visible textarea").input_value()


def test_changing_a_value_back_leaves_no_draft(editor):
    editor.open("kept/back", SAY).select("Say")
    text_field(editor).fill("two")
    assert wait_for_draft(editor.base, "kept/back", "two", 4)
    text_field(editor).fill("one")
    until = time.monotonic() + 4
    while draft(editor.base, "kept/back") and time.monotonic() < until:
        time.sleep(0.1)
    assert draft(editor.base, "kept/back") is None


def test_going_from_tab_to_tab_changes_neither_workflow_nor_its_past(editor):
    editor.open("kept/here", SAY).select("Say")
    text_field(editor).fill("two")
    ask(editor.base, "PUT", "/documents/kept/there", document(say=("Say", {"text": "other"})))
    editor.page.get_by_role("button", name="Open…").click()
    editor.page.locator(".dialog .card", has_text="kept/there").click()
    tabs = editor.page.locator(".tab > button:first-child")
    for _ in range(20):
        tabs.nth(0).click()
        tabs.nth(1).click()
    editor.select("Say")
    assert text_field(editor).input_value() == "other"
    tabs.nth(0).click()
    assert text_field(editor).input_value() == "two"
    editor.page.get_by_role("button", name="Undo", exact=True).click()
    assert text_field(editor).input_value() == "one"


def test_what_is_no_workflow_is_refused_in_words(editor, tmp_path):
    (tmp_path / "bad.json").write_text("{]")
    editor.open("kept/bad", SAY)
    editor.page.get_by_role("button", name="Open…").click()
    editor.page.locator('.dialog input[type="file"]').set_input_files(tmp_path / "bad.json")
    editor.page.wait_for_selector(".toast.bad >> text=bad.json")
    assert editor.page.locator(".tab").count() == 1


def test_an_unknown_kind_is_kept_as_it_is(editor):
    strange = document(say=("Say", {"text": "one"}))
    strange["nodes"]["odd"] = {"kind": "gone/Away", "inputs": {"depth": 3}, "memo": {"kept": [1, 2]}}
    editor.open("kept/strange", strange).select("Say")
    text_field(editor).fill("two")
    editor.page.keyboard.press("Control+s")
    editor.page.wait_for_selector("text=Saved as version")
    saved = ask(editor.base, "GET", "/documents/kept/strange")
    assert saved["nodes"]["odd"] == strange["nodes"]["odd"]


def test_a_document_that_leaves_out_what_may_be_left_out_opens_whole_and_is_not_dirty(editor):
    editor.open("keeping/bare", {"graphengine": 1, "nodes": {"say": {"kind": "acts/Say"}}}).show("list")
    editor.state("say").wait_for()
    assert editor.page.locator(".dirty").count() == 0


def test_what_ran_before_a_workflow_had_a_name_is_there_after_it_has_one(editor):
    ask(editor.base, "PUT", "/drafts/kept/early", {"document": document(say=("Say", {"text": "early"}))})
    editor.open("kept/early").run()
    editor.page.locator(".outcome.done").wait_for()
    editor.page.keyboard.press("Control+Shift+s")
    editor.page.locator(".dialog.name input").fill("kept/ran")
    editor.page.locator(".dialog.name button.primary").click()
    editor.page.wait_for_selector("text=Saved as version")
    editor.page.reload()
    editor.page.wait_for_selector("body[data-ready]")
    editor.show("list")
    editor.wait_for_state("say", "done")
    editor.show("history")
    editor.page.locator(".runs .run-card").wait_for()
