"""Painting masks: what is painted is what nodes get, and nothing is lost on the way."""

import io
import json
import re
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.web.editing import AXE, ROOT, ask, link

WIDTH, HEIGHT = 240, 160
SHOWN = "dialog.painter .paint-view"


def picture(seed=0):
    """Noise, with colours also where nobody sees them."""
    pixels = np.random.default_rng(seed).integers(0, 256, (HEIGHT, WIDTH, 4), dtype=np.uint8)
    pixels[..., 3] = 255
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def read(editor, name, folder="input"):
    with urllib.request.urlopen(f"{editor.base}/api/v1/files/{folder}/{name}", timeout=30) as answer:
        return answer.read()


def alpha(data):
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))[..., 3].astype(int)


@pytest.fixture
def painting(request, editors):
    """Opens the painter on a picture that no other test has."""

    def open(**options):
        name = re.sub(r"\W+", "_", request.node.name)
        editor = editors(**options)
        upload = {"file": {"name": f"{name}.png", "mimeType": "image/png", "buffer": picture()}}
        assert editor.page.request.post(f"{editor.base}/api/v1/uploads", multipart=upload).status == 201
        nodes = {
            "load": {"kind": "LoadImage", "title": "Picture", "inputs": {"image": f"{name}.png"}},
            "shown": {"kind": "MaskToImage", "inputs": {"mask": link("load", "mask")}},
            "preview": {"kind": "PreviewImage", "inputs": {"images": link("shown", "image")}},
        }
        editor.open(f"paint/{name}", {"graphengine": 1, "nodes": nodes}).select("Picture")
        editor.page.locator(".node-card").get_by_role("button", name="Paint the mask of").click()
        editor.page.wait_for_selector(SHOWN)
        return editor, name

    return open


def at(editor, x, y):
    """A place of the picture on the screen."""
    box = editor.page.locator(".paint-sheet canvas").bounding_box()
    return box["x"] + x * box["width"] / WIDTH, box["y"] + y * box["height"] / HEIGHT


def drag(editor, *points):
    mouse = editor.page.mouse
    mouse.move(*at(editor, *points[0]))
    mouse.down()
    for point in points[1:]:
        mouse.move(*at(editor, *point), steps=5)
    mouse.up()


def measure(editor, label, value):
    editor.page.locator("dialog.painter").get_by_role("slider", name=label).fill(str(value))


def said(editor):
    return editor.text("dialog.painter .paint-said")


def painter(editor):
    return editor.page.locator("dialog.painter")


def button(editor, name):
    return painter(editor).get_by_role("button", name=name, exact=True)


def save(editor):
    button(editor, "Save mask").click()
    painter(editor).wait_for(state="detached")


def test_a_stroke_that_is_painted_and_saved_comes_out_of_the_node_pixel_by_pixel(painting):
    editor, name = painting()
    measure(editor, "Hardness", 1)
    size = int(re.match(r"\d+", painter(editor).locator("output").first.inner_text())[0])
    drag(editor, (60, 80), (180, 80))
    save(editor)
    made = f"{name}-masked.png"
    masked = 255 - alpha(read(editor, made))
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH] + 0.5
    distance = np.hypot(x - x.clip(60, 180), y - 80)  # from the line that the mouse went
    assert (masked[distance < size / 2 - 2] == 255).all()
    assert (masked[distance > size / 2 + 2] == 0).all()

    under = np.asarray(Image.open(io.BytesIO(picture())).convert("RGB"))
    assert (np.asarray(Image.open(io.BytesIO(read(editor, made))).convert("RGB")) == under).all()
    assert read(editor, f"{name}.png") == picture()

    editor.run()
    editor.wait_for_state("preview", "done")
    file = next(r["file"] for r in ask(editor.base, "GET", "/results?limit=1")["results"] if r["file"])
    with urllib.request.urlopen(f"{editor.base}{file}", timeout=30) as answer:
        given = np.asarray(Image.open(io.BytesIO(answer.read())).convert("L")).astype(int)
    assert (given == masked).all()


def test_saving_is_one_step_of_undo_and_gives_the_focus_back(painting):
    editor, name = painting()
    drag(editor, (60, 80), (180, 80))
    drag(editor, (60, 40), (180, 40))
    editor.page.keyboard.press("Enter")
    painter(editor).wait_for(state="detached")
    chosen = editor.page.locator(".node-card").get_by_role("combobox", name="image")
    assert chosen.input_value() == f"{name}-masked.png"
    editor.page.wait_for_selector(".node-card .widget.image input:not([data-missing])")
    assert "Paint the mask" in editor.page.evaluate("document.activeElement.ariaLabel")
    editor.page.keyboard.press("Control+z")
    assert chosen.input_value() == f"{name}.png"
    assert editor.page.get_by_role("button", name="Undo", exact=True).is_disabled()


def test_a_mask_is_painted_on_where_it_was_left_and_every_saving_makes_a_file_of_its_own(painting):
    editor, name = painting()
    button(editor, "Fill").click()
    save(editor)
    editor.page.locator(".node-card").get_by_role("button", name="Paint the mask of").click()
    editor.page.wait_for_selector(SHOWN)
    assert said(editor) == "100 % of the picture is masked"
    editor.page.keyboard.press("e")
    drag(editor, (120, 80), (121, 80))
    editor.page.keyboard.press("b")
    save(editor)
    first, second = alpha(read(editor, f"{name}-masked.png")), alpha(read(editor, f"{name}-masked%20(1).png"))
    assert (first == 0).all() and second[80, 120] == 255 and second[5, 5] == 0


def test_fill_invert_clear_undo_and_redo_do_what_they_say_and_say_what_they_did(painting):
    editor, _ = painting()
    for name, covered in (("Fill", 100), ("Invert", 0), ("Invert", 100), ("Clear", 0)):
        button(editor, name).click()
        assert said(editor) == f"{name}: {covered} % of the picture is masked"
    assert button(editor, "Redo").is_disabled()
    for key, covered in (("z", 100), ("z", 0), ("Shift+z", 100), ("y", 0)):
        editor.page.keyboard.press(f"Control+{key}")
        assert said(editor).endswith(f": {covered} % of the picture is masked")
    assert editor.page.locator("header .undo").is_disabled()  # the keys were the painter's alone
    editor.page.keyboard.press("Escape")
    button(editor, "Discard them").click()


def test_escape_asks_where_something_would_be_lost_and_only_there(painting):
    editor, name = painting()
    drag(editor, (60, 80), (180, 80))
    editor.page.keyboard.press("Escape")
    question = editor.page.get_by_role("alertdialog")
    assert editor.page.evaluate("document.activeElement.textContent") == "Go on painting"
    editor.page.keyboard.press("Escape")
    question.wait_for(state="hidden")
    editor.page.keyboard.press("Control+z")
    editor.page.keyboard.press("Escape")
    painter(editor).wait_for(state="detached")
    names = ask(editor.base, "GET", "/choices/input")["names"]
    assert [one for one in names if one.startswith(name)] == [f"{name}.png"]


def test_people_without_a_pointer_paint_with_arrows_and_the_space_bar(painting):
    editor, name = painting()
    keyboard = editor.page.keyboard
    keyboard.press("]")
    assert said(editor).startswith("Brush, 19 px")
    keyboard.press("[")
    for _ in range(4):
        keyboard.press("ArrowLeft")
    assert said(editor) == "104, 80"  # from the middle, a quarter of the brush at a time
    keyboard.down(" ")
    for _ in range(8):
        keyboard.press("ArrowRight")
    keyboard.up(" ")
    keyboard.press("Enter")
    painter(editor).wait_for(state="detached")
    masked = 255 - alpha(read(editor, f"{name}-masked.png"))
    assert (masked[80, 104:136] == 255).all() and (masked[80, :90] == 0).all() and (masked[80, 150:] == 0).all()


def test_a_pens_pressure_is_the_brushs_size_and_its_other_end_erases(painting):
    editor, name = painting()
    (x, y), (far, _) = at(editor, 120, 80), at(editor, 60, 80)
    press = """([kind, clientX, clientY, pressure, buttons]) => document.querySelector(".paint-view").dispatchEvent(
      new PointerEvent(kind, { pointerId: 1, pointerType: "pen", clientX, clientY, pressure, buttons }))"""
    editor.page.evaluate("Element.prototype.setPointerCapture = () => undefined")  # these are no true pointers
    for px, pressure, buttons in ((x, 1.0, 1), (far, 0.2, 1), (x, 0.2, 32)):
        for kind in ("pointerdown", "pointerup"):
            editor.page.evaluate(press, [kind, px, y, pressure, buttons])
    save(editor)
    row = (255 - alpha(read(editor, f"{name}-masked.png")))[80]
    assert 0 < (row[:90] > 128).sum() < (row[90:] > 128).sum()
    assert row[120] == 0 and row[114] == 255


def test_two_fingers_zoom_and_leave_no_paint(painting):
    editor, _ = painting(viewport={"width": 390, "height": 800}, has_touch=True)
    measure(editor, "Size", 1)
    session = editor.page.context.new_cdp_session(editor.page)
    before = editor.page.locator(".paint-sheet canvas").bounding_box()
    (x, y) = at(editor, 120, 80)

    def touch(kind, *apart):
        points = [{"x": x + one, "y": y, "id": id} for id, one in enumerate(apart)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", -20)
    touch("touchStart", -20, 20)
    touch("touchMove", -40, 40)
    touch("touchEnd")
    after = editor.page.locator(".paint-sheet canvas").bounding_box()
    assert after["width"] == pytest.approx(2 * before["width"], rel=0.05)
    assert button(editor, "Undo").is_disabled()
    button(editor, "Invert").click()
    assert said(editor) == "Invert: 100 % of the picture is masked"
    editor.page.keyboard.press("Escape")
    button(editor, "Discard them").click()


def test_the_wheel_zooms_where_the_mouse_is_and_the_middle_button_moves_the_picture(painting):
    editor, _ = painting()
    x, y = at(editor, 60, 40)
    editor.page.mouse.move(x, y)
    editor.page.mouse.wheel(0, -400)
    editor.page.wait_for_timeout(100)
    assert at(editor, 60, 40) == pytest.approx((x, y), abs=1)
    editor.page.mouse.down(button="middle")
    editor.page.mouse.move(x + 50, y + 30)
    editor.page.mouse.up(button="middle")
    assert at(editor, 60, 40) == pytest.approx((x + 50, y + 30), abs=1)
    assert button(editor, "Undo").is_disabled()
    editor.page.keyboard.press("Escape")


def test_a_mask_that_the_server_refuses_stays_and_can_be_saved_again(painting):
    editor, name = painting()
    button(editor, "Fill").click()
    refusal = {"error": {"code": "no_space", "message": "There is no room.", "cure": "Free some."}}
    editor.page.route("**/uploads/mask", lambda route: route.fulfill(status=507, body=json.dumps(refusal)))
    button(editor, "Save mask").click()
    editor.page.wait_for_selector("text=The mask was not saved: There is no room. Free some.")
    editor.page.unroute("**/uploads/mask")
    save(editor)
    assert (alpha(read(editor, f"{name}-masked.png")) == 0).all()
    editor.expect(507)


def test_a_file_that_is_no_picture_is_told_and_nothing_opens(editors):
    editor = editors()
    nodes = {"load": {"kind": "LoadImage", "title": "Picture", "inputs": {"image": "nowhere.png"}}}
    editor.open("paint/nowhere", {"graphengine": 1, "nodes": nodes}).select("Picture")
    editor.page.locator(".node-card").get_by_role("button", name="Paint the mask of").click()
    editor.page.wait_for_selector("text='nowhere.png' cannot be painted on")
    assert painter(editor).count() == 0
    editor.expect(404)


def test_both_languages_have_the_same_texts():
    def texts(name):
        found = re.findall(
            r'^  "([^"]+)": "(.*)",$', (ROOT / f"nodes/image/web/{name}.js").read_text("utf-8"), re.MULTILINE
        )
        return {key: set(re.findall(r"\{\w+\}", text)) for key, text in found}

    assert texts("en") == texts("zh") != {}


@pytest.mark.skipif(not AXE, reason="needs AXE_CORE, the path of axe.min.js")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_the_painter(painting, scheme):
    editor, _ = painting(color_scheme=scheme, bypass_csp=True)
    drag(editor, (60, 80), (180, 80))
    editor.page.evaluate(Path(AXE).read_text("utf-8"))
    for key in ("Shift", "Escape"):  # as it is, and while it asks
        editor.page.keyboard.press(key)
        found = editor.page.evaluate("() => axe.run()")["violations"]
        assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == []
    button(editor, "Discard them").click()
