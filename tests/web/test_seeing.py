"""See what there is: the value of a wire, why a node ran, results, and two of them side by side."""

import io
import re

import pytest
from PIL import Image

from tests.web.editing import AXE, ask, document, link

MIDDLE = """to => {
  const wire = document.querySelector(`.wire[data-to="${to}"]`);
  const { x, y } = wire.getPointAtLength(wire.getTotalLength() / 2);
  const { a, d, e, f } = wire.getScreenCTM();
  return [x * a + e, y * d + f];
}"""


def sums(a=3, seconds=0.01):
    return document(add=("Add", {"a": a, "b": 4}), work=("Work", {"seconds": seconds, "after": link("add", "int")}))


def picture(color, prefix="seen"):
    nodes = {
        "empty": {"kind": "EmptyImage", "inputs": {"width": 640, "height": 320, "color": color}},
        "save": {"kind": "SaveImage", "inputs": {"images": link("empty", "image"), "filename_prefix": prefix}},
    }
    return {"graphengine": 1, "nodes": nodes}


def made(base, *workflows, title="seeing"):
    """Run workflows to their ends, one after the other."""
    for workflow in workflows:
        job = ask(base, "POST", "/jobs", {"workflow": workflow, "title": title, "client": "editor"})
        while ask(base, "GET", f"/jobs/{job['id']}")["state"] in ("queued", "running"):
            pass


def run_through(editor):
    editor.run()
    editor.page.wait_for_selector(".outcome.done")


def test_a_click_on_a_wire_shows_what_went_through_it_last_and_escape_closes_that(editor):
    editor.open("seeing/wire", sums())
    run_through(editor)
    editor.page.mouse.click(*editor.page.evaluate(MIDDLE, "work"))
    card = editor.page.get_by_role("dialog", name="Value of int of Add")
    card.locator("pre", has_text=re.compile("^7$")).wait_for()
    assert editor.page.evaluate("document.activeElement.matches('.surface')")  # so that Delete still takes the wire
    editor.page.keyboard.press("Escape")
    card.wait_for(state="detached")
    assert editor.page.locator(".wire").count() == 1


def test_by_keyboard_a_value_takes_the_focus_is_said_and_gives_the_focus_back(editor):
    editor.open("seeing/keys", document(say=("Say", {"text": "spoken words"})))
    run_through(editor)
    node = editor.page.locator('.node[data-id="say"]')
    for start in (node, node.locator('.socket[data-side="output"]')):
        start.focus()
        editor.page.keyboard.press("v")
        editor.page.locator(".look pre", has_text="spoken words").wait_for()
        assert editor.page.evaluate("document.activeElement.matches('.look')")
        assert "spoken words" in editor.page.locator(".toasts [aria-live]").inner_text()
        editor.page.keyboard.press("Escape")
        assert start.evaluate("element => element === document.activeElement")


def test_a_value_that_is_not_kept_is_made_again_by_running_to_it(editor):
    editor.open("seeing/gone", sums(a=70)).select("Add")
    editor.page.get_by_role("button", name="Show the value of int").click()
    editor.page.wait_for_selector("text=This value is not kept.")
    editor.page.get_by_role("button", name="Run to here").click()
    editor.page.locator(".look pre", has_text=re.compile("^74$")).wait_for()
    assert editor.state("work").get_attribute("data-state") == "idle"


def test_a_worker_that_is_busy_is_asked_again_until_it_answers(editor):
    editor.open("seeing/busy", sums())
    run_through(editor)
    answers = []

    def refuse_first(route):
        answers.append(route)
        busy = {"error": {"code": "busy", "message": "No worker answered within 1 s.", "cure": ""}}
        route.fulfill(status=503, json=busy) if len(answers) == 1 else route.continue_()

    editor.page.route("**/api/v1/value", refuse_first)
    editor.page.locator('.node[data-id="add"]').focus()
    editor.page.keyboard.press("v")
    editor.page.wait_for_selector("text=it is asked again")
    editor.page.locator(".look pre", has_text=re.compile("^7$")).wait_for()
    editor.expect(503)


def test_pointing_at_a_state_says_what_changed_or_which_job_made_the_value(editor):
    made(editor.base, sums(a=31), sums(a=51), title="seeing/why")
    first, _ = sorted(job["number"] for job in ask(editor.base, "GET", "/jobs?limit=2")["jobs"])
    editor.open("seeing/why", sums(a=31))
    editor.page.wait_for_selector("text=Nothing to run")
    editor.run()
    editor.page.wait_for_selector("text=Nothing had changed")
    editor.page.locator('.node[data-id="work"] .node-note').hover()
    editor.page.locator(".reason", has_text=f"Kept: same inputs as in job {first}").wait_for()
    field = editor.page.locator('.node[data-id="add"]').get_by_role("spinbutton", name="Add a")
    field.fill("91")
    field.press("Enter")
    editor.page.wait_for_selector("text=runs 2 of 2 nodes")
    editor.run()
    editor.page.locator('.node[data-id="work"][data-state="done"]').wait_for()
    editor.page.locator('.node[data-id="add"] .node-note').hover()
    editor.page.locator(".reason", has_text="'a' changed from 31 to 91").wait_for()
    editor.page.reload()  # the plan that said so is gone
    editor.page.wait_for_selector("body[data-ready]")
    editor.page.locator('.node[data-id="add"][data-state="done"]').wait_for()
    editor.press("ArrowRight")
    editor.page.keyboard.press("ArrowLeft")
    editor.page.locator('.node[data-id="add"][aria-describedby]').wait_for()
    editor.page.locator(".reason", has_text=re.compile("a changed [35]1 → 91")).wait_for()


@pytest.fixture
def gallery(editor):
    """The page beside two pictures, a green one over a red one."""
    made(editor.base, picture(0xFF0000, "red"), picture(0x00FF00, "green"), document(say=("Say", {"text": "in words"})))
    editor.open("seeing/gallery", sums()).show("results")
    editor.page.wait_for_selector(".gallery .picture img")
    return editor


def test_the_gallery_tells_kinds_apart_is_searched_and_says_who_made_what(gallery):
    page = gallery.page
    media = page.get_by_role("group", name="Kind", exact=True)
    media.get_by_role("button", name="Texts").click()
    assert page.locator(".tile:not([data-medium='text'])").count() == 0
    assert "in words" in gallery.text(".gallery")
    media.get_by_role("button", name="All").click()
    page.get_by_role("searchbox").fill("GREEN save")
    page.locator(".tile .picture").first.wait_for()
    assert all(
        "green" in name for name in page.locator(".tile .picture img").evaluate_all("all => all.map(i => i.alt)")
    )
    sources = page.locator(".tile img").evaluate_all("all => all.map(image => image.src)")
    assert all("/thumbnails/" in source and "size=256" in source for source in sources)
    page.locator(".tile .picture").first.click()
    assert "seeing · save · job" in gallery.text("dialog.result")
    page.get_by_role("button", name="Open as workflow").click()
    page.locator('.node[data-id="empty"]').wait_for()


def test_what_was_shown_stays_in_the_gallery_when_more_comes(editor):
    says = [document(say=("Say", {"text": f"number {number}"})) for number in range(64)]
    made(editor.base, *says, title="seeing/many")
    editor.open("seeing/many", document(say=("Say", {"text": "the last"}))).show("results")
    editor.page.get_by_role("searchbox").fill("many")
    editor.page.get_by_role("button", name="Show older ones").click()
    editor.page.wait_for_selector("text=number 0")
    shown = editor.page.locator(".gallery .tile").count()
    assert shown == 64
    editor.run()
    editor.page.wait_for_selector(".outcome.done")
    editor.page.wait_for_selector(".gallery >> text=the last")
    assert editor.page.locator(".gallery .tile").count() == 65


def test_two_pictures_are_compared_by_a_divider_that_keys_and_hands_move_and_share_their_zoom(gallery):
    page = gallery.page
    tile = page.locator(".gallery .picture")
    tile.first.focus()
    page.keyboard.press("c")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("c")
    page.get_by_role("button", name="Compare", exact=True).click()
    page.wait_for_selector(".pictures img >> nth=1")
    page.locator(".pictures img").evaluate_all("all => Promise.all(all.map((image) => image.decode()))")
    divider = page.get_by_role("slider", name="Divider")
    divider.press("Shift+ArrowLeft")
    divider.press("ArrowLeft")
    assert divider.get_attribute("aria-valuenow") == "39"
    frame, handle = page.locator(".pictures").bounding_box(), divider.bounding_box()
    middle = frame["y"] + frame["height"] / 2
    page.mouse.move(handle["x"] + handle["width"] / 2, middle)
    page.mouse.down()
    page.mouse.move(frame["x"] + frame["width"] * 0.75, middle, steps=3)
    page.mouse.up()
    assert divider.get_attribute("aria-valuenow") == "75"
    assert _colors(page) == ["red", "green"]
    page.locator(".pictures").press("+")
    page.locator(".pictures").press("ArrowRight")
    transforms = page.locator(".pictures img").evaluate_all("all => all.map(image => image.style.transform)")
    assert transforms[0] == transforms[1] != "translate(0px, 0px) scale(1)"


def _colors(page):
    """What is seen left and right of the divider, by a picture of the page."""
    seen = Image.open(io.BytesIO(page.locator(".pictures").screenshot())).convert("RGB")
    points = [seen.getpixel((round(seen.width * part), seen.height // 2)) for part in (0.6, 0.85)]
    return ["red" if red > 200 > green else "green" if green > 200 > red else "neither" for red, green, _ in points]


def test_an_input_picture_that_is_broken_or_not_there_shows_none_and_the_console_stays_empty(editor):
    whole = io.BytesIO()
    Image.effect_noise((64, 32), 90).save(whole, "JPEG")
    names = []
    for name, data in (("broken.jpg", whole.getvalue()[:900]), ("whole.jpg", whole.getvalue())):
        sent = {"file": {"name": name, "mimeType": "image/jpeg", "buffer": data}}
        answer = editor.page.request.post(f"{editor.base}/api/v1/uploads", multipart=sent)
        names.append(answer.json()["files"][0]["filename"])
    nodes = {
        name: {"kind": "LoadImage", "title": name, "inputs": {"image": name}}
        for name in (names[0], "none.jpg", names[1])
    }
    editor.open("seeing/broken", {"graphengine": 1, "nodes": nodes})
    small = editor.page.locator(".node-card img.small")
    for name in nodes:
        with editor.page.expect_response(f"**/thumbnails/input/{name}*"):
            editor.select(name)
        small.and_(editor.page.locator("[hidden]" if name != names[1] else ":not([hidden])")).wait_for(state="attached")
    assert small.evaluate("image => image.decode().then(() => image.naturalWidth)") == 64


def test_films_and_sound_have_controls_and_are_not_loaded_before_they_are_wanted(editor):
    editor.open("seeing/media", sums())
    of = {"job": "x", "node": "save", "kind": "files", "position": 0, "title": "t", "job_number": 1, "time": 1.0}
    files = [("film.webm", "video/webm"), ("sound.flac", "audio/flac"), ("page.html", None)]
    results = [
        {**of, "number": number, "item": {"filename": name}, "type": type, "file": f"/f/{name}", "thumbnail": None}
        for number, (name, type) in enumerate(files, 1)
    ]
    editor.page.route("**/api/v1/results?*", lambda route: route.fulfill(json={"results": results}))
    editor.page.route("**/f/*", lambda route: route.fulfill(status=206, body=b""))
    editor.page.reload()
    editor.page.wait_for_selector("body[data-ready]")
    editor.show("results")
    assert editor.page.locator("video[controls]").get_attribute("src") == "/f/film.webm"
    assert editor.page.locator("audio[controls][preload='none']").get_attribute("src") == "/f/sound.flac"
    assert editor.page.locator("a.card").get_attribute("href") == "/f/page.html?download=true"


@pytest.mark.skipif(not AXE, reason="needs AXE_CORE, the path of axe.min.js")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_values_the_gallery_and_the_viewer(editors, scheme):
    editor = editors(color_scheme=scheme, bypass_csp=True)
    made(editor.base, picture(0xFF0000), picture(0x00FF00))
    editor.open("seeing/axe", picture(0x0000FF)).show("results")
    editor.page.locator(".pick").nth(0).click()
    editor.page.locator(".pick").nth(1).click()
    editor.page.locator('.node[data-id="empty"]').focus()
    editor.page.keyboard.press("v")
    editor.page.wait_for_selector("text=This value is not kept.")
    assert editor.serious() == []
    editor.page.keyboard.press("Escape")
    editor.page.get_by_role("button", name="Compare", exact=True).click()
    editor.page.wait_for_selector(".divider")
    assert editor.serious() == []
