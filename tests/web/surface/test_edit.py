"""Select, move, frames, values (users.md 3.1: 17, 20, 21, 24)."""

from itertools import pairwise


def test_a_dragged_node_moves_with_its_wires_in_one_step(hands):
    before = hands.node("sampler").bounding_box()
    path = hands.page.locator('.wire[data-to="decode"]').first
    wire = path.get_attribute("d")
    x, y = hands.head("sampler")
    hands.drag((x, y), (x + 60, y + 200))
    after = hands.node("sampler").bounding_box()
    assert abs(after["x"] - before["x"] - 60) < 1.5 and abs(after["y"] - before["y"] - 200) < 1.5
    assert path.get_attribute("d") != wire
    assert hands.steps() == 1
    assert hands.selected() == {"sampler"}


def test_escape_ends_a_drag_as_if_it_had_not_begun(hands):
    before = hands.node("sampler").bounding_box()
    x, y = hands.head("sampler")
    hands.drag((x, y), (x + 60, y + 40), release=False)
    hands.keyboard.press("Escape")
    hands.mouse.up()
    assert hands.node("sampler").bounding_box() == before
    assert hands.steps() == 0


def test_a_box_and_shift_clicks_select_several_and_they_move_together(hands):
    box = hands.node("checkpoint").bounding_box()
    hands.drag((box["x"] - 20, box["y"] - 20), (box["x"] + 20, box["y"] + 20), key="Shift")
    assert hands.selected() == {"checkpoint"}
    hands.keyboard.down("Shift")
    hands.mouse.click(*hands.head("empty"))
    hands.mouse.click(*hands.head("decode"))
    hands.mouse.click(*hands.head("decode"))
    hands.keyboard.up("Shift")
    assert hands.selected() == {"checkpoint", "empty"}
    places = hands.document()["layout"]["nodes"]
    x, y = hands.head("empty")
    hands.drag((x, y), (x + 30, y + 30))
    moved = hands.document()["layout"]["nodes"]
    x, y = ([moved[id]["pos"][axis] - places[id]["pos"][axis] for id in ("checkpoint", "empty")] for axis in (0, 1))
    assert x[0] == x[1] > 0 and y[0] == y[1] > 0
    assert hands.steps() == 1


def test_a_copy_keeps_the_wires_from_outside(hands):
    hands.select("sampler")
    hands.keyboard.press("Control+d")
    (copy,) = hands.selected()
    assert copy != "sampler"
    assert hands.source(copy, "model") == "checkpoint.model"


def test_nodes_are_aligned_and_spaced_out(hands):
    hands.select("checkpoint", "positive", "sampler")
    run = "name => surface.commands.find(command => command.name === name).run()"
    hands.page.evaluate(run, "align.top")
    boxes = [hands.node(id).bounding_box() for id in ("checkpoint", "positive", "sampler")]
    assert max(box["y"] for box in boxes) - min(box["y"] for box in boxes) < 1
    hands.page.evaluate(run, "distribute.across")
    boxes = [hands.node(id).bounding_box() for id in ("checkpoint", "positive", "sampler")]
    gaps = [after["x"] - before["x"] - before["width"] for before, after in pairwise(boxes)]
    assert abs(gaps[0] - gaps[1]) < 2


def test_a_frame_is_put_around_the_selection_named_and_moved_with_its_nodes(hands):
    hands.select("decode", "invert")
    hands.keyboard.press("Control+g")
    hands.keyboard.type("Pictures")
    hands.keyboard.press("Enter")
    frame = hands.page.get_by_role("group", name="Frame Pictures")
    box = frame.bounding_box()
    for id in ("decode", "invert"):
        inner = hands.node(id).bounding_box()
        assert box["x"] < inner["x"] and inner["x"] + inner["width"] < box["x"] + box["width"]
    before = hands.document()["layout"]["nodes"]
    steps = hands.steps()
    x, y = hands.at(frame.locator(".frame-head"))
    hands.drag((x, y), (x + 40, y + 20))
    after = hands.document()["layout"]["nodes"]
    assert after["decode"]["pos"][0] > before["decode"]["pos"][0]
    assert after["invert"]["pos"][1] > before["invert"]["pos"][1]
    assert after["save"] == before["save"]
    assert hands.steps() == steps + 1


def test_a_frame_is_coloured_and_what_is_in_it_disabled_and_folded(hands):
    hands.mouse.click(*hands.at(hands.page.get_by_role("group", name="Frame Texts").locator(".frame-head")))
    hands.page.evaluate("surface.commands.find(command => command.name === 'tint.violet').run()")
    assert hands.page.locator('.frame[data-tint="violet"]').count() == 1
    hands.keyboard.press("d")
    hands.keyboard.press("h")
    document = hands.document()
    assert [id for id, node in document["nodes"].items() if node.get("mode") == "muted"] == ["positive", "negative"]
    assert document["layout"]["nodes"]["positive"]["collapsed"] is True
    hands.keyboard.press("Delete")
    assert "groups" not in hands.document()["layout"]
    assert "positive" in hands.document()["nodes"]


def test_a_double_click_on_a_title_renames(hands):
    hands.mouse.dblclick(*hands.head("sampler"))
    hands.keyboard.type("Painter")
    hands.keyboard.press("Enter")
    assert hands.document()["nodes"]["sampler"]["title"] == "Painter"
    assert hands.page.get_by_role("group", name="Painter").count() == 1
    label = hands.socket("decode", "input", "samples").get_attribute("aria-label")
    assert label.endswith("connected to Painter latent")


def test_a_node_is_resized_at_its_corner_in_one_step(hands):
    before = hands.node("save").bounding_box()
    corner = (before["x"] + before["width"] - 4, before["y"] + before["height"] - 4)
    hands.drag(corner, (corner[0] + 50, corner[1] + 60))
    after = hands.node("save").bounding_box()
    assert after["width"] > before["width"] + 30 and after["height"] > before["height"] + 40
    assert hands.steps() == 1


def test_a_field_keeps_the_focus_and_its_text_while_a_run_updates_the_node(hands):
    field = hands.page.get_by_label("Prompt text", exact=True)
    field.click()
    hands.keyboard.press("End")
    hands.keyboard.type(", evening")
    hands.page.evaluate("surface.setStates({positive: {state: 'running', done: 1, total: 2}})")
    hands.put("positive", {"title": "Prompt!"})
    hands.keyboard.type(" light")
    assert field.input_value().endswith("fog, evening light")
    hands.keyboard.press("Backspace")
    assert "positive" in hands.document()["nodes"]


def test_a_changed_input_carries_a_mark_and_a_linked_one_shows_no_field(hands):
    width = hands.socket("empty", "input", "width").locator("..")
    assert width.get_attribute("data-changed") is not None
    height = hands.socket("empty", "input", "height").locator("..")
    assert height.get_attribute("data-changed") is None


def test_folding_leaves_the_header_and_the_wires(hands):
    hands.select("sampler")
    hands.keyboard.press("h")
    assert hands.node("sampler").locator(".socket").count() == 0
    assert hands.page.locator('.wire[data-to="decode"]').count() == 2
    hands.keyboard.press("h")
    assert hands.node("sampler").locator(".socket").count() == 8
