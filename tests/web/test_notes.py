"""Notes: texts that lie on the graph, and mean nothing to a run."""

from tests.web.editing import ask, document


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

    def saved():
        editor.page.keyboard.press("Control+s")
        editor.page.get_by_text("Saved as version").last.wait_for()
        return ask(editor.base, "GET", f"/documents/{name}")["layout"]["notes"]

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
    (note,) = saved()
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
