"""Everything in reach for everybody: forced colours, text twice as large, a page zoomed to 200 %, and a phone."""

import pytest

from tests.web.editing import ask, document, link
from tests.web.test_paint import SHOWN
from tests.web.test_paint import picture as picture_file
from tests.web.test_seeing import made, picture

SIZES = {
    "forced colours": {"forced_colors": "active"},
    "200 % text": {"text": "200%"},
    "200 % zoom": {"viewport": {"width": 680, "height": 420}, "device_scale_factor": 2},
    "phone": {"viewport": {"width": 390, "height": 800}, "has_touch": True},
    "phone, 200 % text": {"viewport": {"width": 390, "height": 800}, "has_touch": True, "text": "200%"},
}

QUICK = ("forced colours", "phone, 200 % text")
TRIED = [size if size in QUICK else pytest.param(size, marks=pytest.mark.slow) for size in SIZES]

# What people cannot reach of the controls in a part of the page: none may be left outside of the window, or cut off by
# something that people cannot scroll. Those of the graph are reached by moving the view.
OUT_OF_REACH = """(part) => {
  const found = [];
  const CONTROLS = ["button", "input", "select", "textarea", "a[href]", "[tabindex='0']"];
  const isAside = (one) => one.closest(".surface, .unseen, [hidden]");
  const isShown = (one) => !isAside(one) && one.checkVisibility({visibilityProperty: true});
  const nameOf = (one) => (one.getAttribute("aria-label") || one.textContent || one.className).trim().slice(0, 60);
  const scrolls = (one) => ["auto", "scroll"].includes(getComputedStyle(one).overflowY);
  const cuts = (overflow) => ["hidden", "clip"].includes(overflow);
  const above = (one) => (one.parentElement ? [one.parentElement, ...above(one.parentElement)] : []);
  const across = (a, b) => a.left < b.left - 2 || a.right > b.right + 2;
  const down = (a, b) => a.top < b.top - 2 || a.bottom > b.bottom + 2;
  const screen = {left: 0, top: 0, right: innerWidth, bottom: innerHeight};
  const width = document.documentElement.scrollWidth;
  if (width > innerWidth) found.push(`the page is ${width} wide`);
  for (const one of [...document.querySelectorAll(`${part} :is(${CONTROLS})`)].filter(isShown)) {
    one.scrollIntoView({block: "nearest", inline: "nearest"});
    const box = one.getBoundingClientRect();
    const room = above(one).find(scrolls)?.clientHeight ?? innerHeight;
    const fits = box.height <= Math.min(room, innerHeight);  // else it is seen part by part
    if (box.width < 4 || box.height < 4) found.push(`${nameOf(one)} is too small`);
    if (across(box, screen) || (fits && down(box, screen))) found.push(`${nameOf(one)} is outside`);
    for (const over of above(one)) {
      const {overflowX, overflowY} = getComputedStyle(over);
      const around = over.getBoundingClientRect();
      const isCut = (cuts(overflowX) && across(box, around)) || (fits && cuts(overflowY) && down(box, around));
      const isMoved = (cuts(overflowX) && over.scrollLeft) || (cuts(overflowY) && over.scrollTop);
      if (isCut || isMoved) found.push(`${nameOf(one)} is cut off by ${over.className || over.tagName}`);
      if (isMoved) over.scrollTo(0, 0);
    }
  }
  return [...new Set(found)];
}"""


def mask_of(file):
    return {"graphengine": 1, "nodes": {"load": {"kind": "LoadImage", "title": "Picture", "inputs": {"image": file}}}}


def wants():
    """Unknown kinds by the dozen, one with a long name, beside what runs."""
    nodes = {f"n{number}": {"kind": f"gone_{number}/Away", "inputs": {}} for number in range(24)}
    nodes["long"] = {"kind": f"a_pack_with_quite_a_name/{'Long' * 30}", "title": "Long" * 20, "inputs": {}}
    return {"graphengine": 1, "nodes": nodes}


@pytest.fixture
def sized(editors):
    def make(size):
        options = {**SIZES[size]}
        text = options.pop("text", None)
        editor = editors(**options)
        if text:
            editor.page.add_init_script(
                f"addEventListener('DOMContentLoaded', () => (document.documentElement.style.fontSize = '{text}'))"
            )
        return editor

    return make


def command(editor, name):
    editor.page.keyboard.press("Control+k")
    editor.page.locator(".dialog.palette input").fill(name)
    editor.page.keyboard.press("Enter")


def look_at(editor, part, found):
    editor.page.locator(part).first.wait_for()
    editor.page.wait_for_timeout(150)  # for code that comes on demand
    missing = editor.page.evaluate(OUT_OF_REACH, part)
    if missing:
        found[part] = missing


DIALOGS = {
    ".dialog.open": "Open…",
    ".dialog.templates": "New from a template…",
    ".dialog.name": "Save under another name…",
    ".dialog.shortcuts": "Keyboard shortcuts",
    ".dialog.memory": "Memory…",
    ".dialog.notices": "What was said…",
}


@pytest.mark.parametrize("size", TRIED)
def test_every_control_of_the_page_and_its_dialogs_is_in_reach(sized, size):
    editor, found = sized(size), {}
    made(editor.base, picture(0x336699, "sizes"), title="sizes/all")
    both = document(say=("Say", {"text": "of some length"}), add=("Add", {"a": 3, "b": 4}))
    both["nodes"]["work"] = {"kind": "acts/Work", "inputs": {"seconds": 0.01, "after": link("add", "int")}}
    both["interface"] = {"inputs": {"words": [{"node": "say", "input": "text"}]}, "outputs": {}}
    editor.open("sizes/all", both)
    look_at(editor, "body", found)
    for part, name in DIALOGS.items():
        command(editor, name)
        look_at(editor, part, found)
        editor.page.keyboard.press("Escape")
        editor.page.locator(part).wait_for(state="detached")
    editor.page.keyboard.press("Control+k")
    editor.page.locator(".dialog.palette input").fill("set steps to 20")
    look_at(editor, ".dialog.palette", found)
    editor.page.keyboard.press("Escape")
    editor.show("graph")
    editor.press("Tab")
    look_at(editor, ".dialog.finder", found)
    editor.page.keyboard.press("Escape")
    editor.show("list")
    look_at(editor, ".main", found)
    editor.page.locator(".list").get_by_role("button", name="Say", exact=True).click()
    look_at(editor, ".node-card", found)
    editor.page.locator(".node-card").get_by_role("button", name="Vary text…").click()
    look_at(editor, ".dialog.vary", found)
    editor.page.keyboard.press("Escape")
    for panel in ("queue", "results", "history", "diff", "problems"):
        editor.show(panel)
        look_at(editor, ".side", found)
    for view in ("form", "graph"):
        editor.show(view)
        look_at(editor, ".main", found)
    assert found == {}


@pytest.mark.parametrize("size", TRIED)
def test_values_and_pictures_and_what_compares_and_paints_them_are_in_reach(sized, size):
    editor, found = sized(size), {}
    made(editor.base, picture(0x336699, "sizes"), picture(0x996633, "sizes"), title="sizes/pictures")
    editor.open("sizes/pictures", picture(0x0000FF)).show("graph")
    editor.page.locator('.node[data-id="empty"]').focus()
    editor.page.keyboard.press("v")
    look_at(editor, ".look", found)
    editor.page.keyboard.press("Escape")
    editor.show("results")
    editor.page.locator(".pick").nth(0).click()
    editor.page.locator(".pick").nth(1).click()
    editor.page.get_by_role("button", name="Compare", exact=True).click()
    editor.page.wait_for_selector(".divider")
    look_at(editor, ".dialog.result", found)
    editor.page.keyboard.press("Escape")
    upload = {"file": {"name": "sizes.png", "mimeType": "image/png", "buffer": picture_file()}}
    stored = editor.page.request.post(f"{editor.base}/api/v1/uploads", multipart=upload).json()["files"][0]
    editor.open("sizes/mask", mask_of(stored["filename"]))
    editor.show("list")
    editor.page.locator(".list").get_by_role("button", name="Picture", exact=True).click()
    editor.page.locator(".node-card").get_by_role("button", name="Paint the mask of").click()
    editor.page.wait_for_selector(SHOWN)
    look_at(editor, "dialog.painter", found)
    assert found == {}


@pytest.mark.parametrize("size", TRIED)
def test_dozens_of_repairs_can_be_read_and_made(sized, size):
    editor, found = sized(size), {}
    ask(editor.base, "PUT", "/documents/sizes/wants", wants())
    editor.open("sizes/wants").show("graph")
    editor.show("problems")
    editor.page.locator(".repair").nth(24).wait_for()
    editor.page.locator(".toast").wait_for()
    look_at(editor, ".side", found)
    look_at(editor, ".toasts", found)
    wide = editor.page.locator(".panel").evaluate("panel => panel.scrollWidth - panel.clientWidth")
    assert found == {} and wide <= 0
