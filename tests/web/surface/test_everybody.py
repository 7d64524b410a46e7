"""Keyboard, names, touch, large text, forced colours (users.md 3.1: 47, 48, 50, 51)."""


def test_nodes_are_groups_with_names_and_sockets_buttons_that_say_it_all(hands):
    assert hands.page.get_by_role("group", name="KSampler").count() == 1
    button = hands.page.get_by_role("button", name="input model")
    assert button.get_attribute("aria-label") == "input model, MODEL, connected to Load Checkpoint model"
    output = hands.node("checkpoint").get_by_role("button", name="output clip")
    assert output.get_attribute("aria-label") == "output clip, CLIP, connected to Prompt clip, Negative prompt clip"
    assert "needed, not connected" in hands.socket("invert", "input", "image").get_attribute("aria-label")


def test_arrows_walk_brackets_follow_wires_enter_goes_in_and_escape_comes_out(hands):
    hands.page.evaluate("surface.focusNode('checkpoint')")
    hands.keyboard.press("ArrowRight")
    assert hands.focused() == "Prompt"
    hands.keyboard.press("ArrowDown")
    assert hands.focused() == "Negative prompt"
    hands.keyboard.press("]")
    assert hands.focused() == "KSampler"
    hands.keyboard.press("[")
    assert hands.focused() == "Load Checkpoint"
    hands.page.evaluate("surface.focusNode('sampler')")
    hands.keyboard.press("Enter")
    assert hands.focused() == "KSampler seed"
    hands.keyboard.press("Tab")
    assert hands.focused().startswith("input steps")
    hands.keyboard.press("Escape")
    assert hands.focused() == "KSampler"
    assert hands.selected() == {"sampler"}


def test_shift_and_arrows_add_to_the_selection(hands):
    hands.page.evaluate("surface.focusNode('checkpoint')")
    hands.keyboard.press("Shift+ArrowRight")
    assert hands.selected() == {"checkpoint", "positive"}


def test_large_text_is_a_larger_world_and_nothing_is_cut_off(open_page):
    hands = open_page(viewport={"width": 1400, "height": 800})
    hands.page.evaluate("document.documentElement.style.fontSize = '200%'")
    hands.page.evaluate("surface.view.frameNodes(['decode'])")
    assert hands.view()["zoom"] == 2
    title = hands.node("decode").locator(".node-title")
    assert title.evaluate("element => element.scrollHeight <= element.parentElement.clientHeight")


def test_the_focus_is_seen(hands):
    hands.page.locator("#before").focus()
    hands.keyboard.press("Tab")
    hands.keyboard.press("ArrowRight")
    outline = hands.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid" and hands.page.evaluate("document.activeElement.className") == "node"
    hands.keyboard.press("Shift+Tab")
    hands.keyboard.press("Shift+Tab")
    assert hands.page.evaluate("document.activeElement.id") == "before"


def test_a_node_is_moved_edited_and_deleted_with_the_keyboard_alone(hands):
    hands.page.evaluate("surface.focusNode('decode')")
    x = hands.document()["layout"]["nodes"]["decode"]["pos"][0]
    hands.keyboard.press("Control+ArrowLeft")
    assert hands.document()["layout"]["nodes"]["decode"]["pos"][0] == x - 10
    hands.keyboard.press("c")
    hands.page.locator('.node[data-id="decode"] .row-output .socket').focus()
    hands.keyboard.press("c")
    socket = {"node": "decode", "side": "output", "port": "image"}
    assert hands.page.evaluate("calls") == [["connect", {"node": "decode"}], ["connect", socket]]
    hands.page.evaluate("surface.focusNode('sampler', 'steps')")
    hands.keyboard.press("Control+a")
    hands.keyboard.type("30")
    hands.keyboard.press("Escape")
    assert hands.source("sampler", "steps") == 30
    hands.page.evaluate("surface.focusNode('invert')")
    hands.keyboard.press("Delete")
    assert "invert" not in hands.document()["nodes"]


def test_a_node_far_outside_the_view_is_found_by_its_focus(open_page):
    hands = open_page("?nodes=1000&at=near")
    hands.page.evaluate("surface.focusNode('n999', 'amount')")
    assert hands.focused() == "Mix amount"
    box = hands.node("n999").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 1400


def test_keys_typed_in_a_field_are_the_fields(hands):
    hands.page.get_by_label("Prompt text", exact=True).click()
    hands.keyboard.type("dfbx")
    hands.keyboard.press("Delete")
    assert set(hands.document()["nodes"]) >= {"positive", "sampler"}
    assert "mode" not in hands.document()["nodes"]["positive"]


def test_a_finger_pans_two_zoom_and_taps_connect(open_page):
    hands = open_page(has_touch=True)
    session = hands.page.context.new_cdp_session(hands.page)

    def touch(kind, *points):
        fingers = [{"x": x, "y": y, "id": id} for id, (x, y) in enumerate(points)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})

    before = hands.view()
    touch("touchStart", (700, 740))
    for step in range(1, 6):
        touch("touchMove", (700 + 20 * step, 740))
    touch("touchEnd")
    assert hands.view()["x"] - before["x"] == 100
    touch("touchStart", (600, 740), (700, 740))
    for step in range(1, 6):
        touch("touchMove", (600 - 10 * step, 740), (700 + 10 * step, 740))
    touch("touchEnd")
    assert hands.view()["zoom"] > before["zoom"] * 1.5
    hands.keyboard.press("Home")
    hands.page.evaluate("surface.view.frameAll()")
    hands.page.touchscreen.tap(*hands.port("decode", "output", "image"))
    hands.page.touchscreen.tap(*hands.port("invert", "input", "image"))
    assert hands.source("invert", "image") == "decode.image"
    hands.page.touchscreen.tap(*hands.head("save"))
    assert hands.selected() == {"save"}


def test_a_long_press_opens_the_menu_of_what_is_there(open_page):
    hands = open_page(has_touch=True)
    session = hands.page.context.new_cdp_session(hands.page)
    x, y = hands.head("sampler")
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    hands.until(lambda: hands.calls("menu"))
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert hands.calls("menu")[0][1]["node"] == "sampler"


def test_the_right_button_opens_the_menu_of_what_is_there(hands):
    hands.mouse.click(*hands.head("sampler"), button="right")
    assert hands.calls("menu")[0][1]["node"] == "sampler"
    assert hands.selected() == {"sampler"}
    hands.mouse.click(*hands.port("decode", "output", "image"), button="right")
    assert hands.calls("menu")[1][1]["socket"] == {"node": "decode", "side": "output", "port": "image"}


def test_sockets_are_large_enough_for_fingers(open_page):
    hands = open_page(has_touch=True, is_mobile=True)
    hands.page.evaluate("surface.view.set({x: 0, y: 0, zoom: 1})")
    for side, port in (("output", "clip"), ("input", "ckpt_name")):
        box = hands.socket("checkpoint", side, port).bounding_box()
        assert box["width"] >= 24 and box["height"] >= 24


def test_forced_colours_and_reduced_motion_leave_states_to_be_seen(open_page):
    hands = open_page(forced_colors="active", reduced_motion="reduce")
    hands.page.evaluate("surface.setStates({sampler: {state: 'failed', message: 'x'}, decode: {state: 'running'}})")
    hands.page.wait_for_selector('.node[data-state="failed"]')
    style = "id => getComputedStyle(document.querySelector(`[data-id=${id}]`)).borderStyle"
    assert hands.page.evaluate(style, "sampler") == "double"
    progress = hands.node("decode").locator(".node-progress")
    assert progress.evaluate("element => getComputedStyle(element).animationName") == "none"
