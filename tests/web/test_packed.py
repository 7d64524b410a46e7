"""Widgets that packs bring: the documented one works, and one that does not costs nobody anything."""

import re

import pytest

from tests.web.editing import CHROMIUM, ROOT, ask, document, serving

NODES = """
from typing import Annotated
from graphengine.api import Results, Widget, node

@node(output=True)
def Turn(angle: Annotated[float, Widget("dial")] = 0.5, *, results: Results) -> float:
    results.add("text", f"turned by {angle}")
    return angle
"""
BROKEN = """
@node(title="{name}")
def {name}(text: Annotated[str, Widget("{name}")] = "") -> str:
    return text
"""
MODULES = {
    "Later": "export const version = 2; export const widgets = { Later() {} };",
    "Nameless": "export const version = 1; export const widgets = {};",
    "Unread": "export const version = ;",
    "Lost": None,
    "Thrower": 'export const version = 1; export const widgets = { Thrower() { throw new Error("no dial"); } };',
    "Stumbler": """
export const version = 1;
export const widgets = {
  Stumbler(place, { ordinary }) {
    ordinary(place);
    return { update(value) { if (value.endsWith("!")) throw new Error("too loud"); } };
  },
};""",
}
TOLD = {
    "Later": "version 2",
    "Nameless": "no widget of that name",
    "Unread": "cannot be loaded",
    "Lost": "cannot be loaded",
    "Thrower": "no dial",
}


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A server with a pack of the documentation's example, and of what can be wrong with such a pack."""
    if not CHROMIUM:
        pytest.skip("needs chromium")
    home = tmp_path_factory.mktemp("packed")
    web = home / "packs" / "mine" / "web"
    web.mkdir(parents=True)
    (web.parent / "pack.toml").write_text('web = "web"')
    (web.parent / "nodes.py").write_text(NODES + "".join(BROKEN.format(name=name) for name in MODULES))
    (example,) = re.findall(r"```js\n(.*?)```", (ROOT / "docs/packs.md").read_text("utf-8"), re.DOTALL)
    for name, module in {**MODULES, "dial": example}.items():
        if module is not None:
            (web / f"{name}.js").write_text(module)
    with serving(home) as address:
        yield address


def mine(**kinds):
    shown = document()
    shown["nodes"] = {id: {"kind": f"mine/{kind}", "title": id, "inputs": {}} for id, kind in kinds.items()}
    return shown


def test_the_example_of_the_documentation_edits_an_input_in_the_node_and_in_the_inspector(editor):
    editor.open("packed/dial", mine(one="Turn")).select("one")
    editor.show("graph")
    inside = editor.page.locator(".node input[type=range]")
    beside = editor.page.locator(".node-card").get_by_role("slider", name="angle")
    assert (inside.input_value(), beside.input_value()) == ("0.5", "0.5")
    beside.fill("0.25")
    assert inside.input_value() == "0.25"
    inside.fill("0.75")
    editor.run()
    editor.show("results")
    editor.page.wait_for_selector(".panel >> text=turned by 0.75")
    for earlier in ("0.25", "0.5"):
        editor.page.get_by_role("button", name="Undo", exact=True).click()
        assert inside.input_value() == earlier
    assert ask(editor.base, "GET", "/nodes/mine/Turn")["inputs"][0]["widget"]["pack"] == "mine"


@pytest.mark.parametrize("kind", TOLD)
def test_in_the_place_of_a_widget_that_does_not_work_is_the_ordinary_one_and_people_are_told_whose_it_is(editor, kind):
    editor.open(f"packed/{kind}", mine(one=kind, two=kind))
    toast = editor.page.locator(".toast", has_text="'mine'")
    toast.wait_for()
    assert TOLD[kind] in toast.inner_text() and f"'{kind}'" in toast.inner_text()
    assert toast.count() == 1
    editor.select("two")
    field = editor.page.locator(".node-card").get_by_role("textbox", name="text", exact=True)
    field.fill("as ever")
    editor.page.get_by_role("button", name="Undo", exact=True).click()
    assert field.input_value() == ""
    assert toast.count() == 1
    editor.expect(404)


def test_a_widget_that_fails_later_gives_way_to_the_ordinary_one_with_the_present_value(editor):
    editor.open("packed/later", mine(one="Stumbler")).select("one")
    editor.show("graph")
    field = editor.page.locator(".node-card").get_by_role("textbox", name="text", exact=True)
    for words in ("quiet", "loud!"):
        field.fill(words)
    editor.page.wait_for_selector(".toast >> text=too loud")
    inside = editor.page.locator(".node .row-widget .widget")
    assert (inside.count(), inside.input_value(), field.input_value()) == (1, "loud!", "loud!")
    inside.fill("quiet again")
    assert field.input_value() == "quiet again"
