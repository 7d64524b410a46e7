"""Open, move, look (users.md 3.1: 2, 3, 5)."""

import pytest


def test_dragging_the_empty_canvas_pans(hands):
    before = hands.view()
    x, y = hands.empty()
    hands.drag((x, y), (x + 120, y - 60))
    after = hands.view()
    assert (after["x"] - before["x"], after["y"] - before["y"]) == pytest.approx((120, -60))


@pytest.mark.parametrize("turn", [-240, 240])
def test_the_wheel_zooms_around_the_pointer(hands, turn):
    hands.mouse.move(400, 300)
    before, zoom = hands.world(400, 300), hands.view()["zoom"]
    hands.mouse.wheel(0, turn)
    hands.until(lambda: hands.view()["zoom"] != zoom)
    after = hands.world(400, 300)
    scale = hands.view()["zoom"]
    assert abs(after[0] - before[0]) * scale < 1 and abs(after[1] - before[1]) * scale < 1


def test_two_fingers_on_a_touchpad_pan_and_pinching_zooms(hands):
    before = hands.view()
    turn = """([dx, dy, ctrl]) => document.querySelector('.surface').dispatchEvent(new WheelEvent('wheel',
        {deltaX: dx, deltaY: dy, ctrlKey: ctrl, clientX: 500, clientY: 300, bubbles: true, cancelable: true}))"""
    hands.page.evaluate(turn, [3.5, 12.25, False])
    panned = hands.view()
    assert (panned["zoom"], panned["x"], panned["y"]) == (before["zoom"], before["x"] - 3.5, before["y"] - 12.25)
    hands.page.evaluate(turn, [0, -10, True])
    assert hands.view()["zoom"] > before["zoom"]


def test_home_shows_every_node_and_f_the_selected_ones(hands):
    hands.page.evaluate("surface.view.set({x: -5000, y: -5000, zoom: 1})")
    hands.select("sampler")
    hands.keyboard.press("Home")
    for id in hands.document()["nodes"]:
        box = hands.node(id).bounding_box()
        assert box["x"] >= 0 and box["y"] >= 0 and box["x"] + box["width"] <= 1400 and box["y"] + box["height"] <= 800
    far = hands.node("sampler").bounding_box()
    hands.keyboard.press("f")
    near = hands.node("sampler").bounding_box()
    assert near["width"] > far["width"]
    assert abs(near["x"] + near["width"] / 2 - 700) < 2


def test_the_minimap_shows_the_view_and_dragging_it_pans(hands):
    hands.page.evaluate("surface.view.set({x: 0, y: 0, zoom: 1})")
    rectangle = hands.page.locator(".minimap-view")
    before, view = rectangle.bounding_box(), hands.view()
    hands.drag(hands.at(rectangle), (hands.at(rectangle)[0] + 20, hands.at(rectangle)[1]))
    after = rectangle.bounding_box()
    assert abs(after["x"] - before["x"] - 20) < 1
    assert hands.view()["x"] < view["x"]


def test_the_minimap_shows_notes_too(hands):
    before = hands.page.locator(".minimap-view").bounding_box()
    hands.page.evaluate("""store.edit("note", (document) => ({...document, layout: {...document.layout,
        notes: [{text: "far away", pos: [-4000, 0], size: [200, 100]}]}}))""")
    corner = "document.querySelector('.minimap-view').getBoundingClientRect().x"
    hands.page.wait_for_function(f"(x) => {corner} > x + 20", arg=before["x"])  # there is more to the left of the view


def test_from_far_a_node_is_its_title_and_from_near_it_is_whole(open_page):
    hands = open_page("?nodes=1000")
    assert hands.page.locator(".node").count() == 1000
    assert hands.page.locator(".socket").count() == 0
    hands.page.evaluate("surface.view.set({x: 0, y: 0, zoom: 1})")
    assert hands.socket("n0", "output", "image").is_visible()
    assert hands.page.locator(".node").count() < 80
    assert hands.page.locator("*").count() <= 1500


def test_states_are_shown_one_for_one_and_progress_moves(hands):
    hands.page.evaluate("""surface.setStates({
        checkpoint: {state: 'cached'}, positive: {state: 'done', seconds: 0.42},
        sampler: {state: 'running', done: 5, total: 20}, decode: {state: 'queued'}, save: {state: 'blocked'},
        invert: {state: 'failed', message: 'no image', cure: 'connect one'}})""")
    hands.page.wait_for_selector('.node[data-state="running"]')
    states = {id: hands.node(id).get_attribute("data-state") for id in hands.document()["nodes"]}
    assert states == {
        "checkpoint": "cached", "positive": "done", "negative": None, "empty": None,
        "sampler": "running", "decode": "queued", "save": "blocked", "invert": "failed",
    }  # fmt: skip
    assert hands.node("sampler").get_attribute("aria-label") == "KSampler, 5 / 20"
    assert hands.node("positive").locator(".node-note").inner_text() == "0.4 s"
    hands.node("invert").locator(".node-note").dispatch_event("pointerover")
    assert hands.page.inner_text(".reason") == "no image\nconnect one"
    assert "no image" in hands.page.locator(".surface [aria-live]").inner_text()


def test_previews_stand_below_a_running_node_and_results_in_the_node_that_shows_them(hands):
    hands.page.evaluate("""async () => {
        const blob = await new OffscreenCanvas(64, 64).getContext('2d').canvas.convertToBlob();
        surface.setStates({sampler: {state: 'running', done: 1, total: 4}});
        surface.setPreviews(new Map([['sampler', URL.createObjectURL(blob)]]));
        surface.setResults('save', [{kind: 'image', url: URL.createObjectURL(blob)}]);
    }""")
    assert hands.page.locator(".bubble img").count() == 1
    hands.node("save").get_by_role("button", name="Result 1 of 1").click()
    assert hands.calls("open")[0][1] == "save"
    hands.page.evaluate("surface.setStates({sampler: {state: 'done', seconds: 3}})")
    hands.page.wait_for_selector(".bubble", state="detached")


def test_a_disabled_node_says_so_and_what_it_means(hands):
    hands.select("sampler")
    hands.keyboard.press("d")
    assert hands.document()["nodes"]["sampler"]["mode"] == "muted"
    assert hands.node("sampler").get_attribute("aria-label") == "KSampler, muted"
    assert hands.page.evaluate("getComputedStyle(document.querySelector('[data-id=sampler]')).borderStyle") == "dashed"
    assert "do not run" in hands.node("sampler").locator(".node-head").get_attribute("title")
    hands.keyboard.press("b")
    assert hands.document()["nodes"]["sampler"]["mode"] == "bypassed"
    hands.keyboard.press("b")
    assert "mode" not in hands.document()["nodes"]["sampler"]
