"""The page as a whole: it opens, can be used by keyboard, in two languages, on a phone."""

import re

import pytest

from tests.web.editing import AXE, ROOT, document


def test_an_empty_start_shows_the_starter_graph_without_a_problem(editors):
    editor = editors().open()
    assert editor.page.locator(".node").count() == 7
    editor.page.wait_for_selector("text=of 7 nodes")
    assert editor.page.locator(".outlook.bad").count() == 0


def test_the_page_lives_under_its_strict_policy(editor):
    answer = editor.page.request.get(f"{editor.base}/")
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-cache"
    editor.open()
    script = editor.page.get_attribute('script[type="module"]', "src")
    assert "immutable" in editor.page.request.get(editor.base + script).headers["cache-control"]


def test_a_part_whose_code_comes_between_its_first_showing_and_the_look_at_it_is_shown(editor):
    editor.open()
    editor.page.evaluate("""async () => {
        const at = (name) => new URL(name, document.querySelector('script[type="module"]').src);
        const { onDemand, loadRest } = await import(at("ui/on_demand.js?another"));
        const { html, render } = await import(at("ui/html.js"));
        const Part = onDemand(async () => ({ Late: () => html`<p>came late</p>` }), "Late");
        render(html`<${Part} />`, document.body.appendChild(document.createElement("div")));
        globalThis.requestIdleCallback = (load) => load();
        loadRest();  // before any effect of what was just shown
    }""")
    editor.page.get_by_text("came late").wait_for()


def test_tab_opens_the_finder_and_enter_adds_what_it_found(editor):
    editor.open("page/finder", document(say=("Say", {})))
    editor.press("Tab")
    editor.page.keyboard.type("ksamp")
    first = editor.page.locator('[role="option"]').first
    assert first.locator(".title").inner_text() == "KSampler"
    editor.page.keyboard.press("Enter")
    editor.page.locator(".node", has_text="KSampler").wait_for()
    assert "KSampler" in editor.text(".panel")
    editor.press("Tab")
    editor.page.keyboard.press("Escape")
    assert editor.page.locator("dialog").count() == 0


def test_every_shortcut_is_a_command_of_the_palette(editor):
    editor.open("page/palette", document(say=("Say", {})))
    editor.select("Say")
    editor.show("graph")
    editor.press("?")
    editor.page.wait_for_selector(".shortcuts tbody th")
    listed = editor.page.locator(".shortcuts tbody th").all_inner_texts()
    editor.page.keyboard.press("Escape")
    editor.press("Control+k")
    named = set(editor.page.locator('.palette [role="option"] .title').all_inner_texts())
    assert len(listed) > 20
    not_now = {"Commands…", "Stop the run"}  # it is open; nothing runs
    assert set(listed) - named - not_now == set()


def test_one_undo_takes_back_all_that_was_typed_in_a_field(editor):
    editor.open("page/undo", document(say=("Say", {"text": "one"}))).select("Say")
    field = editor.page.locator(".node-card").get_by_role("textbox", name="text")
    field.press_sequentially(" and two")
    editor.page.get_by_role("button", name="Undo", exact=True).click()
    assert field.input_value() == "one"
    assert editor.page.get_by_role("button", name="Undo", exact=True).is_disabled()


def test_numbers_take_expressions_arrows_and_limits(editor):
    latent = {"graphengine": 1, "nodes": {"latent": {"kind": "EmptyLatentImage", "inputs": {"width": 64}}}}
    editor.open("page/numbers", latent).select("Empty Latent Image")
    width = editor.page.locator(".node-card").get_by_role("spinbutton", name="width")
    for typed, shown in (("512*2", "1024"), ("2^9", "512"), ("100,4*5", "502")):
        width.fill(typed)
        width.press("Enter")
        assert width.input_value() == shown
    width.press("ArrowUp")
    after = int(width.input_value())
    width.press("Shift+ArrowUp")
    assert int(width.input_value()) - after == 10 * (after - 502)
    width.fill("999999999")
    width.press("Enter")
    editor.page.wait_for_selector("text=width is at most")
    width.fill("nonsense")
    width.press("Enter")
    editor.page.wait_for_selector("text='nonsense' is no number")


def test_a_choice_narrows_as_people_type_and_marks_what_is_missing(editor):
    sampler = {"graphengine": 1, "nodes": {"one": {"kind": "KSampler", "inputs": {"sampler_name": "lost_sampler"}}}}
    editor.open("page/choice", sampler).select("KSampler")
    choice = editor.page.locator(".node-card").get_by_role("combobox", name="sampler_name")
    assert choice.get_attribute("aria-invalid") == "true" and choice.input_value() == "lost_sampler"
    choice.click()
    choice.press_sequentially("heunpp")
    assert editor.page.locator('.choices [role="option"]').all_inner_texts() == ["heunpp2"]
    choice.press("Enter")
    assert choice.input_value() == "heunpp2" and choice.get_attribute("aria-invalid") is None


def test_a_new_seed_each_run_is_kept_in_the_document(editor):
    seeded = {"graphengine": 1, "nodes": {"one": {"kind": "KSampler", "inputs": {"seed": 18446744073709551615}}}}
    editor.open("page/seed", seeded).select("KSampler")
    card = editor.page.locator(".node-card")
    seed = card.get_by_role("spinbutton", name="seed")
    assert seed.input_value() == "18446744073709551615"
    card.get_by_role("button", name="New seed each run").click()
    editor.page.keyboard.press("Control+s")
    editor.page.wait_for_selector("text=Saved as version")
    editor.page.reload()
    editor.page.wait_for_selector("body[data-ready]")
    editor.select("KSampler")
    assert card.get_by_role("button", name="New seed each run").get_attribute("aria-pressed") == "true"
    card.get_by_role("button", name="New seed now").click()
    assert seed.input_value() != "18446744073709551615"


def test_whether_a_seed_is_new_each_run_is_the_same_on_the_graph_in_the_panel_and_after_undo(editor):
    editor.open("page/each", {"graphengine": 1, "nodes": {"one": {"kind": "RandomNoise", "title": "Noise"}}})
    editor.page.locator(".node-title", has_text="Noise").click()
    here = editor.page.locator(".node").get_by_role("button", name="each run")
    panel = editor.page.locator(".node-card").get_by_role("button", name="New noise_seed each run")

    def both(pressed):
        for button in (here, panel):
            button.and_(editor.page.locator(f'[aria-pressed="{pressed}"]')).wait_for()

    both("false")
    panel.click()
    both("true")
    editor.page.get_by_role("button", name="Undo", exact=True).click()
    both("false")
    here.click()
    both("true")
    editor.page.locator(".tab .dirty").wait_for()
    here.click()
    both("false")
    editor.page.locator(".tab .dirty").wait_for(state="detached")


def test_a_narrow_screen_opens_the_form_and_the_graph_is_one_tap_away(editors):
    editor = editors(viewport={"width": 390, "height": 800}, has_touch=True)
    shown = document(say=("Say", {"text": "one"}))
    shown["interface"] = {"inputs": {"words": [{"node": "say", "input": "text"}]}, "outputs": {}}
    editor.open("page/phone", shown)
    editor.page.get_by_role("textbox", name="words").fill("from the phone")
    editor.page.locator(".form .run").click()
    editor.page.wait_for_selector(".form .text-result >> text=from the phone")
    editor.show("graph")
    editor.page.locator(".node").wait_for()
    assert editor.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_page_speaks_chinese_where_the_browser_does(editors):
    editor = editors(locale="zh-CN").open("page/chinese", document(say=("Say", {"text": "一次"})))
    editor.page.get_by_role("button", name="运行", exact=True).wait_for()
    assert editor.page.get_attribute("html", "lang") == "zh"
    editor.page.locator(".node").click()
    editor.page.wait_for_selector("text=将运行，因为它此前没有运行过")  # what the server says, too


def test_both_languages_have_the_same_texts_with_the_same_values():
    def texts(name):
        sources = [path.read_text("utf-8") for path in sorted((ROOT / "web/js/text").glob(f"{name}*.js"))]
        found = re.findall(r'^  "([^"]+)": "(.*)",$', "\n".join(sources), re.MULTILINE)
        assert len(found) == len(dict(found))
        return {key: set(re.findall(r"\{\w+\}", text)) for key, text in found}

    assert texts("en") == texts("zh")


def test_the_page_asks_for_all_its_modules_at_once():
    from tools.preload_web import WEB, page

    assert (WEB / "index.html").read_text("utf-8") == page()


@pytest.mark.skipif(not AXE, reason="needs AXE_CORE, the path of axe.min.js")
@pytest.mark.parametrize("view", ["graph", "list", "form"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(editors, view, scheme):
    editor = editors(color_scheme=scheme, bypass_csp=True).open()
    editor.select("KSampler")
    editor.show(view)
    editor.page.wait_for_selector("text=of 7 nodes")
    assert editor.serious() == []


def test_an_empty_start_offers_templates_which_take_its_place_until_something_is_changed(editors):
    editor = editors().open()
    cards = editor.page.locator(".beginning .card")
    cards.first.wait_for()
    assert cards.all_inner_texts() == ["Controlnet", "Image to image", "Inpaint"]
    editor.page.wait_for_function(
        "() => [...document.querySelectorAll('.beginning img')].every((one) => one.naturalWidth > 0)"
    )
    cards.filter(has_text="Inpaint").click()
    editor.page.locator(".tab", has_text="Inpaint").wait_for()
    editor.page.locator(".tab", has_text="Untitled").wait_for(state="detached")
    assert editor.page.locator(".beginning").count() == 0


def test_a_changed_start_offers_no_templates(editors):
    editor = editors().open()
    editor.page.locator(".beginning").wait_for()
    editor.press("Control+a")
    editor.page.keyboard.press("Delete")
    editor.page.locator(".node").first.wait_for(state="detached")
    assert editor.page.locator(".beginning").count() == 0
    editor.page.get_by_role("button", name="Undo", exact=True).click()
    editor.page.locator(".node").first.wait_for()


def test_a_field_of_several_lines_is_as_high_as_its_text_up_to_a_limit(editor):
    lines = {
        "graphengine": 1,
        "nodes": {"text": {"kind": "CLIPTextEncode", "title": "Text", "inputs": {"text": "one"}}},
    }
    editor.open("page/lines", lines).select("Text")
    field = editor.page.locator(".node-card textarea")
    heights = []
    for count in (3, 10, 200):
        field.fill("a line\n" * count)
        heights.append(field.bounding_box()["height"])
        assert count > 10 or field.evaluate("field => field.scrollHeight <= field.clientHeight")
    assert heights[0] < heights[1] < heights[2] <= 840 / 2


def test_the_default_of_an_input_is_shown_while_it_has_the_focus_and_moves_nothing(editor):
    sampler = {"graphengine": 1, "nodes": {"one": {"kind": "KSampler", "inputs": {"steps": 7}}}}
    editor.open("page/default", sampler).select("KSampler")
    row = editor.page.locator('.node-card [data-input="steps"]')
    told, field, below = (
        row.get_by_text("Default: 20"),
        row.get_by_role("spinbutton"),
        editor.page.locator('[data-input="cfg"]'),
    )
    field.scroll_into_view_if_needed()
    before = below.bounding_box()
    assert not told.is_visible()
    field.focus()
    assert told.is_visible()
    assert below.bounding_box() == before


def test_a_drag_beyond_a_limit_is_told_once_at_its_end(editor):
    latent = {"graphengine": 1, "nodes": {"latent": {"kind": "EmptyLatentImage", "inputs": {"batch_size": 3}}}}
    editor.open("page/scrub", latent).select("Empty Latent Image")
    field = editor.page.locator(".node-card").get_by_role("spinbutton", name="batch_size")
    box = field.bounding_box()
    notices = editor.page.locator(".toast", has_text="batch_size is at least 1")
    editor.page.mouse.move(box["x"] + 250, box["y"] + 8)
    editor.page.mouse.down()
    editor.page.mouse.move(box["x"] + 50, box["y"] + 8, steps=10)
    assert notices.count() == 0
    editor.page.mouse.up()
    notices.wait_for()
    assert (notices.count(), field.input_value()) == (1, "1")


def test_colours_follow_the_system_again_after_they_were_chosen(editor):
    editor.open("page/colours", document(say=("Say", {})))
    ground = "getComputedStyle(document.body).backgroundColor"

    def wears(theme):
        editor.page.keyboard.press("Control+k")
        editor.page.locator(".dialog.palette input").fill(theme)
        editor.page.keyboard.press("Enter")
        seen = []
        for scheme in ("light", "dark"):
            editor.page.emulate_media(color_scheme=scheme)
            seen.append(editor.page.evaluate(ground))
        return seen

    light, dark = wears("Colours of the system")
    assert light != dark
    assert wears("Dark colours") == [dark, dark]
    editor.page.reload()
    editor.page.wait_for_selector("body[data-ready]")
    assert editor.page.evaluate(ground) == dark
    assert wears("Light colours") == [light, light]
    assert wears("Colours of the system") == [light, dark]


def test_the_page_of_shortcuts_tells_moves_walks_and_gestures(editor):
    editor.open("page/gestures", document(say=("Say", {})))
    editor.press("?")
    editor.page.wait_for_selector(".shortcuts dl")
    told = editor.text(".shortcuts")
    for words in (
        "Move far left",
        "Ctrl Shift ←",
        "Walk from node to node",
        "Alt-drag across them",
        "Shift-drag from it",
    ):
        assert words in told.replace("+", " ")


def test_names_beside_fields_are_read_whole_and_the_fields_begin_below_each_other(editor):
    kinds = {"sampler": "KSampler", "save": "SaveImage", "loader": "CheckpointLoaderSimple"}
    nodes = {id: {"kind": kind, "inputs": {}} for id, kind in kinds.items()}
    nodes["sampler"]["inputs"] = {"sampler_name": "dpmpp_2m", "scheduler": "karras"}  # bold, as what was changed is
    editor.open("names/whole", {"graphengine": 1, "nodes": nodes})
    rows = editor.page.locator(".row-input[data-widget]:not([data-tall])")
    rows.first.wait_for()
    measured = rows.evaluate_all(
        """rows => rows.map(row => {
            const [label, field] = [".row-label", ".row-widget"].map(part => row.querySelector(part));
            const node = row.closest(".node").dataset.id;
            return [node, label.scrollWidth <= label.clientWidth, field.offsetLeft, label.textContent];
        })"""
    )
    assert {"sampler_name", "filename_prefix", "ckpt_name"} <= {name for *_, name in measured}
    assert [name for _, whole, _, name in measured if not whole] == []
    assert len({(node, left) for node, _, left, _ in measured}) == len(kinds)
