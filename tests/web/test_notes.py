"""Notes: texts that lie on the graph, and mean nothing to a run."""

import pytest

from tests.web.editing import AXE, document


def noted(*notes):
    return {**document(say=("Say", {})), "layout": {"nodes": {"say": {"pos": [0, 0]}}, "notes": list(notes)}}


def test_a_note_is_read_written_moved_sized_and_deleted_each_as_one_step(editor):
    name = "notes/one"
    editor.open(name, noted({"text": "Begin here", "pos": [300, 0], "size": [200, 100], "kept": 1}))
    field = editor.page.get_by_role("textbox", name="Text of Note")
    assert field.input_value() == "Begin here"
    field.fill("Begin there")
    field.press("Escape")
    editor.page.keyboard.press("Control+z")
    assert field.input_value() == "Begin here"
    editor.page.keyboard.press("Control+Shift+z")

    head, corner = (editor.page.locator(f".note-{part}").bounding_box() for part in ("head", "resize"))
    zoom = editor.page.locator(".note").bounding_box()["width"] / 200

    def drag(box, right, down):
        x, y = box["x"] + 6, box["y"] + 6
        editor.page.mouse.move(x, y)
        editor.page.mouse.down()
        editor.page.mouse.move(x + right * zoom / 2, y + down * zoom / 2)
        editor.page.mouse.move(x + right * zoom, y + down * zoom)
        editor.page.mouse.up()

    drag(corner, 60, 40)
    drag(head, 50, 80)
    (note,) = editor.saved(name)["layout"]["notes"]
    assert note["text"] == "Begin there" and note["kept"] == 1
    assert abs(note["pos"][0] - 350) <= 1 and abs(note["pos"][1] - 80) <= 1
    assert abs(note["size"][0] - 260) <= 1 and abs(note["size"][1] - 140) <= 1
    editor.page.get_by_role("button", name="Delete the note").click()
    assert editor.page.locator(".note").count() == 0
    editor.press("Control+z")
    editor.page.locator(".note").wait_for()


def test_a_note_is_added_and_found_by_keyboard(editor):
    editor.open("notes/keys", noted())
    editor.press("n")
    editor.page.keyboard.type("first")
    editor.press("n")
    editor.page.keyboard.type("second")
    editor.press("Shift+N")
    editor.page.keyboard.type("1 ")
    values = editor.page.locator(".note textarea").evaluate_all("all => all.map((one) => one.value)")
    assert sorted(values) in (["1 first", "second"], ["first1 ", "second"])


def test_what_is_no_note_is_kept_and_harms_nothing(editor):
    broken = noted()
    broken["layout"]["notes"] = [None, {"text": 7}]
    editor.open("notes/broken", broken).select("Say")
    assert editor.page.locator(".note").count() == 0


MARKDOWN = """# Begin here

Set the *steps* to **8**, then `run`:

1. [the model](https://example.com/model)
2. its licence
"""


def test_a_note_of_markdown_is_shown_as_that_and_written_in_as_its_text(editors):
    editor = editors().open("notes/markdown", noted({"text": MARKDOWN, "markdown": True, "pos": [0, 200]}))
    read = editor.page.get_by_role("group", name="Note").locator(".note-read")
    read.get_by_role("heading", name="Begin here").wait_for()
    assert read.locator("em, strong, code").all_inner_texts() == ["steps", "8", "run"]
    assert read.locator("ol > li").all_inner_texts() == ["the model", "its licence"]
    link = read.get_by_role("link", name="the model")
    names = ("href", "target", "rel")
    assert [link.get_attribute(name) for name in names] == [
        "https://example.com/model", "_blank", "noopener noreferrer",
    ]  # fmt: skip
    field = editor.page.get_by_role("textbox", name="Text of Note")
    read.get_by_role("heading").click()
    assert field.evaluate("field => field === document.activeElement && getComputedStyle(field).opacity") == "1"
    assert read.evaluate("read => getComputedStyle(read).opacity") == "0"
    assert field.input_value() == MARKDOWN
    field.fill("## Or *here*")
    editor.page.keyboard.press("Shift+Tab")  # into what is read, which comes first
    assert read.evaluate("read => read === document.activeElement && getComputedStyle(read).opacity") == "1"
    assert read.get_by_role("heading").inner_html() == "Or <em>here</em>"
    editor.page.keyboard.press("Enter")
    editor.page.keyboard.press("Control+End")
    editor.page.keyboard.type("!")
    assert field.input_value() == "## Or *here*!"
    editor.press("n")
    editor.page.keyboard.type("*new*")
    editor.press("Escape")
    assert editor.page.locator(".note-read em").last.inner_text() == "new"


def test_a_note_runs_nothing_and_leads_nowhere_but_to_the_web(editor):
    ran = "document.title='ran'"
    attack = f"<img src=x onerror={ran}> [a](javascript:{ran}) <script>{ran}</script>"
    notes = [{"text": attack, "markdown": True, "pos": [0, 200]}, {"text": "*plain*", "pos": [300, 200]}]
    editor.open("notes/attack", noted(*notes))
    read = editor.page.locator(".note-read")
    read.first.get_by_text("onerror").wait_for()
    assert read.first.inner_text() == attack
    assert read.locator("img, a, script").count() == 0
    assert not read.last.is_visible()  # it is not said to be Markdown
    assert editor.page.title() == "notes/attack – graphengine"


def test_a_finger_on_the_text_of_a_note_moves_the_view_and_a_mouse_the_note(editors):
    editor = editors().open("notes/moved", noted({"text": "*here*", "markdown": True, "pos": [0, 200]}))
    read = editor.page.locator(".note-read")
    read.locator("em").wait_for()

    def at():
        return [editor.page.locator(part).bounding_box()["x"] for part in (".note", ".node")]

    before = at()
    box = read.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    editor.page.mouse.move(x, y)
    editor.page.mouse.down()
    editor.page.mouse.move(x + 20, y, steps=3)
    editor.page.mouse.move(x + 40, y)
    editor.page.mouse.up()
    moved = at()
    assert abs(moved[0] - before[0] - 40) < 2 and moved[1] == before[1]
    finger = editor.page.context.new_cdp_session(editor.page)
    for kind, right in (("touchStart", 40), ("touchMove", 60), ("touchMove", 80), ("touchEnd", None)):
        points = [] if right is None else [{"x": x + right, "y": y}]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    panned = at()
    assert panned[0] > moved[0] + 20 and abs((panned[1] - moved[1]) - (panned[0] - moved[0])) < 1


@pytest.mark.parametrize("markdown", [True, False], ids=["read", "written in"])
def test_a_long_note_that_was_tapped_is_scrolled_by_a_finger_and_by_the_wheel_and_the_graph_stays(editors, markdown):
    text = "\n\n".join(f"*line* {number}" for number in range(60))
    note = {"text": text, "markdown": markdown, "pos": [0, 200], "size": [240, 160]}
    editor = editors().open(f"notes/long-{markdown}", noted(note))
    shown = editor.page.locator(".note-read" if markdown else ".note textarea")
    if markdown:
        shown.locator("em").first.wait_for()
    box = shown.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    finger = editor.page.context.new_cdp_session(editor.page)

    def touch(*ups):
        for kind, up in (("touchStart", ups[0]), *(("touchMove", up) for up in ups[1:]), ("touchEnd", None)):
            points = [] if up is None else [{"x": x, "y": y - up}]
            finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def world():
        return editor.page.evaluate("document.querySelector('.node').getBoundingClientRect().y")

    before = world()
    touch(0)
    assert shown.evaluate("shown => shown === document.activeElement")
    touch(-20, 0, 20, 30, 40)
    editor.page.wait_for_function("shown => shown.scrollTop > 20", arg=shown.element_handle())
    by_finger = shown.evaluate("shown => shown.scrollTop")
    editor.page.mouse.move(x, y)
    for _ in range(20):  # a turn of it can be lost where a finger's scrolling just ends
        editor.page.mouse.wheel(0, 60)
        editor.page.wait_for_timeout(100)
        if shown.evaluate("shown => shown.scrollTop") > by_finger + 20:
            break
    assert shown.evaluate("shown => shown.scrollTop") > by_finger + 20
    assert world() == before
    touch(0)  # the next tap is to write, in either
    field = editor.page.get_by_role("textbox", name="Text of Note")
    assert field.evaluate("field => field === document.activeElement")


@pytest.mark.skipif(not AXE, reason="needs AXE_CORE, the path of axe.min.js")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_notes_and_names_of_versions(editors, scheme):
    editor = editors(color_scheme=scheme, bypass_csp=True)
    long = {"text": MARKDOWN * 3 + "```\ncode\n```\n- point", "markdown": True, "pos": [0, 200], "size": [200, 120]}
    editor.open(f"notes/axe-{scheme}", noted(long)).show("history")
    editor.page.locator(".note-read em").first.wait_for()
    editor.page.get_by_role("textbox", name="Name of version").wait_for()
    assert editor.serious() == []
    editor.page.get_by_role("textbox", name="Text of Note").focus()
    assert editor.serious() == []
