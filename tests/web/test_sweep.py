"""Sweeps: a few inputs over several values, their results as a grid."""

import re
import time

import pytest

from tests.web.editing import AXE, ask, document

TWO = document(say=("Say", {"text": "one"}), add=("Add", {"a": 1}))


def open_with(editor, name, input, workflow=TWO, node="Say"):
    """Open a workflow, and the dialog that varies an input of a node."""
    editor.open(name, workflow).select(node)
    editor.page.locator(".node-card").get_by_role("button", name=f"Vary {input}…").click()
    editor.page.locator(".dialog.vary").wait_for()


def values(editor, input):
    return editor.page.get_by_role("textbox", name=f"Values of {input}")


def until(condition):
    """Wait for what only the server knows."""
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


def jobs_of(base, title):
    return [job for job in ask(base, "GET", "/jobs?label=sweep&limit=1000")["jobs"] if job["title"] == title]


def pictures():
    return {
        "graphengine": 1,
        "nodes": {
            "say": {"kind": "acts/Say", "title": "Say", "inputs": {"text": "for the number"}},
            "empty": {"kind": "EmptyImage", "title": "Empty", "inputs": {"width": 8, "height": 8, "color": 255}},
            "save": {"kind": "SaveImage", "inputs": {"images": {"link": {"node": "empty", "output": "image"}}}},
        },
    }


def test_two_inputs_make_a_grid_that_fills_and_is_there_after_a_reload(editor):
    open_with(editor, "sweeps/grid", "text", pictures())
    values(editor, "text of Say").fill("a cat | a dog")
    editor.page.get_by_role("button", name="Vary another input").click()
    editor.page.get_by_label("Input 2").select_option(label="width of Empty")
    values(editor, "width of Empty").fill("8..24 step 8")
    editor.page.wait_for_selector("text=3 values: 8, 16, 24")
    # each text once, each picture made and saved once: 2 + 3 + 3
    editor.page.wait_for_selector("text=8 node runs; 18 without what the variants share.")
    editor.page.get_by_role("button", name="Run 6 variants").click()
    editor.page.wait_for_selector("text=6 of 6 have ended")
    cells = editor.page.locator(".cell[data-state=done] img")
    cells.nth(5).wait_for()
    assert editor.page.locator(".grid thead th").all_inner_texts() == ["text of Say\na cat", "a dog"]
    assert editor.page.locator(".grid tbody th").all_inner_texts() == ["8", "16", "24"]
    jobs = jobs_of(editor.base, "sweeps/grid")
    assert len({job["key"] for job in jobs}) == 6 and {job["client"] for job in jobs} == {"sweep"}
    # the engine's own account of what ran: nothing that variants share ran twice
    ran = [node for job in jobs for node in job["outcome"]["ran"]]
    assert sorted(ran) == ["empty"] * 3 + ["save"] * 3 + ["say"] * 2
    editor.page.reload()
    editor.page.wait_for_selector("body[data-ready]")
    editor.page.keyboard.press("Alt+4")
    cells.nth(5).wait_for()
    sizes = cells.evaluate_all("all => all.map((one) => one.src.includes('/thumbnails/'))")
    assert sizes == [True] * 6
    # the sweep's jobs are not taken for the workflow's own
    editor.page.locator(".outlook", has_text=re.compile(r"^\s*runs")).wait_for()


def test_a_cell_opens_its_variant_in_a_tab_and_gives_its_values_back_as_one_step(editor):
    open_with(editor, "sweeps/cells", "text")
    values(editor, "text of Say").fill("red | green")
    editor.page.get_by_role("button", name="Run 2 variants").click()
    editor.page.wait_for_selector("text=2 of 2 have ended")
    green = editor.page.locator(".cell").nth(1)
    assert green.locator(".words").inner_text() == "green"
    green.get_by_role("button", name="Use these values in sweeps/cells: text green").click()
    editor.page.wait_for_selector(".toast >> text=The values are now text green")
    field = editor.page.locator(".node-card").get_by_role("textbox", name="text")
    assert field.input_value() == "green"
    editor.page.get_by_role("button", name="Undo", exact=True).click()
    assert field.input_value() == "one" and editor.page.get_by_role("button", name="Undo", exact=True).is_disabled()
    green.get_by_role("button", name="Open as workflow: text green").click()
    editor.page.locator(".tab[data-current=true]", has_text="text green").wait_for()
    editor.select("Say")
    assert field.input_value() == "green"


def test_what_a_sweep_shows_is_in_the_gallery_at_once_and_an_input_of_the_form_is_varied_first(editor):
    made = document(add=("Add", {"a": 1}), say=("Say", {"text": "one"}))
    made["interface"] = {"inputs": {"words": [{"node": "say", "input": "text"}]}, "outputs": {}}
    editor.open("sweeps/gallery", made).show("results")
    editor.press("Control+k")
    editor.page.keyboard.type("Vary inputs")
    editor.page.keyboard.press("Enter")
    values(editor, "text of Say").fill("crimson words | azure words")
    editor.page.get_by_role("button", name="Run 2 variants").click()
    for words in ("crimson words", "azure words"):
        editor.page.locator(".gallery pre", has_text=words).wait_for()


def test_values_that_come_when_people_are_elsewhere_go_to_the_workflow_that_asked(editor):
    ask(editor.base, "PUT", "/documents/sweeps/elsewhere", TWO)
    open_with(editor, "sweeps/asked", "text")
    values(editor, "text of Say").fill("red | green")
    editor.page.get_by_role("button", name="Run 2 variants").click()
    editor.page.wait_for_selector("text=2 of 2 have ended")
    held = []
    editor.page.route("**/api/v1/jobs/*/workflow", lambda route: held.append(route))
    with editor.page.expect_request("**/api/v1/jobs/*/workflow"):
        editor.page.get_by_role("button", name="Use these values in sweeps/asked: text green").click()
    editor.page.evaluate("location.hash = '#/sweeps/elsewhere'")
    editor.page.locator(".tab[data-current=true]", has_text="elsewhere").wait_for()
    held[0].continue_()
    editor.page.wait_for_selector(".toast >> text=The values are now text green")
    editor.select("Say")
    field = editor.page.locator(".node-card").get_by_role("textbox", name="text")
    assert field.input_value() == "one"
    editor.page.locator(".tab", has_text="asked").get_by_role("button").first.click()
    editor.select("Say")
    assert field.input_value() == "green"


def test_a_third_input_makes_pages(editor):
    open_with(editor, "sweeps/pages", "text")
    values(editor, "text of Say").fill("p | q")
    for number, values_given in ((2, "1 | 2"), (3, "3 | 4")):
        editor.page.get_by_role("button", name="Vary another input").click()
        editor.page.get_by_label(f"Input {number}").select_option(label=f"{'ab'[number - 2]} of Add")
        values(editor, f"{'ab'[number - 2]} of Add").fill(values_given)
    assert editor.page.get_by_role("button", name="Vary another input").count() == 0
    editor.page.get_by_role("button", name="Run 8 variants").click()
    editor.page.wait_for_selector("text=8 of 8 have ended")
    assert editor.page.locator(".cell").count() == 4
    editor.page.get_by_role("group", name="Pages: b of Add").get_by_role("button", name="4").click()
    assert editor.page.locator(".cell").count() == 4
    editor.page.get_by_role("button", name="Open as workflow: text q, a 2, b 4").click()
    editor.select("Add")
    card = editor.page.locator(".node-card")
    assert [card.get_by_role("spinbutton", name=name).input_value() for name in "ab"] == ["2", "4"]


def test_inputs_inside_a_sub_workflow_are_swept_where_they_are(editor):
    nested = document(outer=("Say", {}))
    nested["nodes"]["outer"] = {"kind": "@greet", "title": "Greeting", "inputs": {}}
    nested["workflows"] = {"greet": document(say=("Say", {"text": "inner"}))}
    del nested["workflows"]["greet"]["graphengine"]
    editor.open("sweeps/nested", nested).page.locator(".node-title", has_text="Greeting").dblclick()
    editor.page.get_by_role("navigation", name="Where this workflow is").wait_for()
    editor.select("Say")
    editor.page.locator(".node-card").get_by_role("button", name="Vary text…").click()
    values(editor, "text of Say").fill("in one | in two")
    editor.page.wait_for_selector("text=2 node runs; 2 without")
    editor.page.get_by_role("button", name="Run 2 variants").click()
    editor.page.wait_for_selector("text=2 of 2 have ended")
    editor.page.locator(".cell .words").nth(1).wait_for()
    assert editor.page.locator(".cell .words").all_inner_texts() == ["in one", "in two"]
    editor.page.get_by_role("button", name="Use these values in sweeps/nested: text in two").click()
    field = editor.page.locator(".node-card").get_by_role("textbox", name="text")
    editor.page.wait_for_selector(".toast >> text=The values are now text in two")
    assert field.input_value() == "in two"


def test_what_cannot_be_swept_is_said_before_anything_is_run(editor):
    open_with(editor, "sweeps/refused", "text")
    run = editor.page.locator(".dialog.vary .primary")
    assert run.is_disabled()
    editor.page.get_by_label("Input 1").select_option(label="a of Add")
    field = values(editor, "a of Add")
    for typed, said in (
        ("many", "'many' is no number."),
        ("0..1 step 0", "Say in which steps"),
        ("1..500", "at most 100"),
        ("5 random", "a is no seed"),
    ):
        field.fill(typed)
        editor.page.locator(".axis .bad-text", has_text=said).wait_for()
        assert field.get_attribute("aria-invalid") == "true" and run.is_disabled()
    field.fill("1..20")
    editor.page.get_by_role("button", name="Vary another input").click()
    editor.page.get_by_label("Input 2").select_option(label="b of Add")
    values(editor, "b of Add").fill("1..6")
    editor.page.wait_for_selector("text=120 variants are too many: at most 100")
    assert run.is_disabled() and jobs_of(editor.base, "sweeps/refused") == []


def test_cancelling_ends_all_that_wait_and_run(editor):
    open_with(editor, "sweeps/cancel", "seconds", document(work=("Work", {"seconds": 1.0})), "Work")
    values(editor, "seconds of Work").fill("20 | 21 | 22")
    editor.page.get_by_role("button", name="Run 3 variants").click()
    editor.page.locator(".cell[data-state=running]").wait_for()
    until(lambda: len(jobs_of(editor.base, "sweeps/cancel")) == 3)
    editor.page.wait_for_timeout(300)  # the page has the last answer
    editor.page.get_by_role("button", name="Cancel all").click()
    editor.page.wait_for_selector("text=3 of 3 have ended")
    assert [job["state"] for job in jobs_of(editor.base, "sweeps/cancel")] == ["cancelled"] * 3


def test_cancelling_reaches_what_is_still_on_its_way(editor):
    held = []

    def hold_second(route):
        if "31.0" in route.request.post_data:
            held.append(route)
        else:
            route.continue_()

    editor.page.route(
        "**/api/v1/jobs", lambda route: hold_second(route) if route.request.method == "POST" else route.continue_()
    )
    open_with(editor, "sweeps/held", "seconds", document(work=("Work", {"seconds": 1.0})), "Work")
    values(editor, "seconds of Work").fill("30 | 31 | 32")
    editor.page.get_by_role("button", name="Run 3 variants").click()
    editor.page.locator(".cell[data-state=running]").wait_for()
    editor.page.get_by_role("button", name="Cancel all").click()
    editor.page.wait_for_selector("text=1 of 1 have ended")
    held[0].continue_()
    until(lambda: [job["state"] for job in jobs_of(editor.base, "sweeps/held")] == ["cancelled"] * 2)


def test_what_is_not_accepted_is_told_and_gone_on_with_once(editor):
    refused = []

    def refuse_third(route):
        if route.request.method == "POST" and len(refused) < 1 and "three" in route.request.post_data:
            refused.append(route.request.post_data)
            error = {"code": "busy", "message": "Not now.", "cure": ""}
            return route.fulfill(status=503, json={"error": error})
        return route.continue_()

    editor.page.route("**/api/v1/jobs", refuse_third)
    open_with(editor, "sweeps/again", "text")
    values(editor, "text of Say").fill("one | two | three | four")
    editor.page.get_by_role("button", name="Run 4 variants").click()
    editor.page.wait_for_selector("text=2 of 4 variants were accepted: Not now.")
    editor.page.wait_for_selector("text=2 of 2 have ended")
    editor.page.get_by_role("button", name="Go on with the others").click()
    editor.page.wait_for_selector("text=4 of 4 have ended")
    assert len(jobs_of(editor.base, "sweeps/again")) == 4
    editor.expect(503)


def test_a_narrow_screen_shows_the_grid_and_the_dialog(editors):
    editor = editors(viewport={"width": 390, "height": 800}, has_touch=True)
    editor.open("sweeps/narrow", TWO)
    editor.page.get_by_role("button", name="Show the sweeps").click()
    editor.page.locator(".sweep").get_by_role("button", name="Vary inputs…").click()
    values(editor, "text of Say").fill("1 | 2 | 3 | 4 | 5 | 6")
    editor.page.get_by_role("button", name="Run 6 variants").click()
    editor.page.wait_for_selector("text=6 of 6 have ended")
    assert editor.page.evaluate("document.documentElement.scrollWidth") <= 390
    small = """all => all.map((one) => one.getBoundingClientRect())
        .filter(({width, height}) => width < 24 || height < 24).length"""
    assert editor.page.locator(".sweep button, .status button").evaluate_all(small) == 0


@pytest.mark.skipif(not AXE, reason="needs AXE_CORE, the path of axe.min.js")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_a_sweep_and_what_is_open_over_it(editors, scheme):
    editor = editors(color_scheme=scheme, bypass_csp=True)
    open_with(editor, f"sweeps/axe_{scheme}", "text")
    values(editor, "text of Say").fill("a | b")
    editor.page.get_by_role("button", name="Vary another input").click()
    values(editor, "a of Add").fill("many")
    assert editor.serious() == []
    values(editor, "a of Add").fill("1..2")
    editor.page.get_by_role("button", name="Run 4 variants").click()
    editor.page.wait_for_selector("text=4 of 4 have ended")
    assert editor.serious() == []
    for opener in (".memory-strip", ".status button.quiet"):
        editor.page.locator(opener).click()
        editor.page.locator("dialog").wait_for()
        assert editor.serious() == []
        editor.page.keyboard.press("Escape")
