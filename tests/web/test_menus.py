"""Menus of everything on the graph, and frames with what can be done to them."""

from tests.web.editing import ask, document, link


def chain():
    """Two nodes with a wire, and a frame around the second."""
    shown = document(
        add=("Add", {"a": 1}), work=("Work", {"seconds": 0.01, "after": link("add", "int")}), say=("Say", {})
    )
    shown["layout"] = {
        "nodes": {"add": {"pos": [0, 40]}, "work": {"pos": [420, 40]}, "say": {"pos": [0, 320]}},
        "groups": [{"title": "Late", "bounding": [380, -60, 320, 420]}],
    }
    return shown


def names(editor):
    menu = editor.page.get_by_role("menu")
    menu.wait_for()
    return [name.split("\n")[0] for name in menu.get_by_role("menuitem").all_inner_texts()]


def choose(editor, name):
    editor.page.get_by_role("menuitem", name=name).click()
    editor.page.get_by_role("menu").wait_for(state="detached")


def wire_middle(editor):
    wire = editor.page.locator(".surface-place:not([hidden]) path.wire").first
    return wire.evaluate(
        """path => { const at = path.getPointAtLength(path.getTotalLength() / 2), matrix = path.getScreenCTM();
        return [at.x * matrix.a + matrix.e, at.y * matrix.d + matrix.f]; }"""
    )


def kept(editor, name):
    with editor.page.expect_response(lambda answer: answer.request.method == "PUT" and "/documents/" in answer.url):
        editor.page.keyboard.press("Control+s")
    return ask(editor.base, "GET", f"/documents/{name}")


def title(editor, text):
    return editor.page.locator(".node-title, .frame-title", has_text=text)


def test_each_part_of_the_graph_has_a_menu_of_its_own(editor):
    editor.open("menus/mouse", chain())
    title(editor, "Work").click(button="right")
    assert {"Run to here", "Rename", "Mute, or unmute", "Put a frame around", "Delete"} <= set(names(editor))
    editor.page.keyboard.press("Escape")
    title(editor, "Late").click(button="right")
    assert {"Run to here", "Rename", "Fold the frame, or open it", "Green frame", "Delete"} <= set(names(editor))
    choose(editor, "Green frame")
    assert editor.page.locator(".frame").get_attribute("data-tint") == "green"
    editor.page.mouse.click(*wire_middle(editor), button="right")
    look, *others = names(editor)
    assert look == "Show the value that went through"
    assert others == ["Insert a node here…", "Go to where it comes from", "Go to where it leads", "Disconnect"]
    choose(editor, "Go to where it leads")
    assert editor.page.evaluate("document.activeElement.dataset.id") == "work"
    box = editor.page.locator(".surface").bounding_box()
    editor.page.mouse.click(box["x"] + 20, box["y"] + 20, button="right")
    assert {"Add a node…", "Paste nodes", "Select all nodes", "Tidy the layout"} <= set(names(editor))
    editor.page.keyboard.press("Escape")
    editor.page.locator('.node[data-id="work"] .socket[data-port="after"]').click(button="right")
    assert names(editor) == ["Show the value that went through", "Connect to…", "Disconnect", "Give outside, or not"]
    choose(editor, "Disconnect")
    assert "after" not in kept(editor, "menus/mouse")["nodes"]["work"]["inputs"]


def test_a_menu_is_opened_and_used_with_the_keyboard_alone(editor):
    editor.open("menus/keys", chain())
    editor.press("g")  # the frame
    editor.page.keyboard.press("Shift+F10")
    assert "Red frame" in names(editor)
    editor.page.keyboard.press("r")  # from "Run to here"
    assert editor.page.evaluate("document.activeElement.textContent").strip().startswith("Rename")
    editor.page.keyboard.press("Enter")
    editor.page.locator(".rename").wait_for()
    editor.page.keyboard.type("Later")
    editor.page.keyboard.press("Enter")
    title(editor, "Later").wait_for()
    editor.press("ArrowRight")
    editor.page.keyboard.press("ContextMenu")
    assert "Duplicate" in names(editor)
    editor.page.keyboard.press("End")
    assert editor.page.evaluate("document.activeElement.textContent").strip().startswith("Delete")
    editor.page.keyboard.press("Escape")
    editor.page.keyboard.press("Shift+Enter")  # into the fields
    editor.page.locator('.node[data-id="work"] .socket[data-port="after"]').focus()
    editor.page.keyboard.press("Shift+F10")
    assert names(editor)[:2] == ["Show the value that went through", "Connect to…"]


def test_a_long_press_opens_the_menu_of_what_is_under_the_finger(editors):
    editor = editors(has_touch=True, viewport={"width": 1100, "height": 800}).open("menus/touch", chain())
    box = title(editor, "Late").bounding_box()
    at = {"x": box["x"] + 8, "y": box["y"] + box["height"] / 2}
    session = editor.page.context.new_cdp_session(editor.page)
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [at]})
    assert "Blue frame" in names(editor)
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert editor.page.get_by_role("menu").is_visible()
    heights = [one.bounding_box()["height"] for one in editor.page.get_by_role("menuitem").all()]
    assert min(heights) >= 24


def test_a_node_is_inserted_into_a_wire_from_its_menu(editor):
    editor.open("menus/insert", chain())
    editor.page.mouse.click(*wire_middle(editor), button="right")
    choose(editor, "Insert a node here…")
    editor.page.keyboard.type("acts/Add")
    editor.page.locator('[role="option"]', has_text="Add").first.wait_for()
    editor.page.keyboard.press("Enter")
    editor.page.locator(".node").nth(3).wait_for()
    nodes = kept(editor, "menus/insert")["nodes"]
    [new] = set(nodes) - {"add", "work", "say"}
    assert nodes["work"]["inputs"]["after"] == link(new, "int")
    assert nodes[new]["inputs"]["a"] == link("add", "int")


def test_a_folded_frame_hides_its_nodes_moves_with_them_and_opens_again(editor):
    editor.open("menus/fold", chain())
    title(editor, "Late").click(button="right")
    choose(editor, "Fold the frame, or open it")
    editor.page.locator('.node[data-id="work"]').wait_for(state="detached")
    frame = editor.page.locator(".frame")
    assert "1 node" in frame.inner_text()
    assert editor.page.locator("path.wire").count() == 1  # which leads to the frame now
    folded = kept(editor, "menus/fold")["layout"]
    box = title(editor, "Late").bounding_box()
    editor.page.mouse.move(box["x"] + 5, box["y"] + 5)
    editor.page.mouse.down()
    editor.page.mouse.move(box["x"] + 65, box["y"] + 45, steps=4)
    editor.page.mouse.up()
    editor.page.keyboard.press("Shift+H")
    editor.page.locator('.node[data-id="work"]').wait_for()
    moved = kept(editor, "menus/fold")["layout"]
    by = [
        now - before for now, before in zip(moved["nodes"]["work"]["pos"], folded["nodes"]["work"]["pos"], strict=True)
    ]
    frames = [layout["groups"][0]["bounding"] for layout in (moved, folded)]
    assert by == [frames[0][0] - frames[1][0], frames[0][1] - frames[1][1]]
    assert min(by) > 20
    assert moved["nodes"]["add"] == folded["nodes"]["add"]


def test_a_problem_in_a_folded_frame_opens_it(editor):
    shown = chain()
    shown["nodes"]["work"]["inputs"]["seconds"] = "soon"
    shown["layout"]["groups"][0]["folded"] = ["work"]
    editor.open("menus/problem", shown)
    editor.show("problems")
    editor.page.locator(".panel .card.bad").first.click()
    editor.page.locator('.node[data-id="work"]').wait_for()
    assert not kept(editor, "menus/problem")["layout"]["groups"][0].get("folded")


def test_what_is_in_a_frame_runs_and_is_muted_by_the_frames_menu(editor):
    editor.open("menus/frame", chain())
    editor.page.wait_for_selector("text=runs 3 of 3 nodes")
    title(editor, "Late").click(button="right")
    choose(editor, "Run to here")
    editor.show("list")
    editor.wait_for_state("work", "done")
    editor.wait_for_state("add", "done")
    assert editor.state("say").get_attribute("data-state") == "idle"
    editor.show("graph")
    title(editor, "Late").click(button="right")
    choose(editor, "Mute, or unmute")
    assert editor.page.locator('.node[data-id="work"]').get_attribute("data-mode") == "muted"
    assert editor.page.locator('.node[data-id="add"]').get_attribute("data-mode") is None
