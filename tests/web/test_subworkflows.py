"""Sub-workflows edited in place: made, opened, left, their interface changed, their runs watched."""

import pytest

from tests.server.pictures import png
from tests.web.editing import AXE, ask, document, link, slowly


def node(kind, title, **inputs):
    return {"kind": kind if kind[0] == "@" else f"acts/{kind}", "title": title, "inputs": inputs}


def shared(inner="Add"):
    """Two nodes that use a sub-workflow of one node; what the first gives feeds the second, and that a worker."""
    group = {
        "nodes": {"inner": node(inner, "Inner")},
        "interface": {
            "inputs": {"first": [{"node": "inner", "input": "a"}], "second": [{"node": "inner", "input": "b"}]},
            "outputs": {"sum": {"node": "inner", "output": "int"}},
        },
    }
    users = {
        "one": node("@group", "One", first=1, second=2),
        "two": node("@group", "Two", first=link("one", "sum")),
        "work": node("Work", "Work", seconds=0.01, after=link("two", "sum")),
    }
    places = {id: {"pos": [300 * at, 0]} for at, id in enumerate(users)}
    return {"graphengine": 1, "nodes": users, "workflows": {"group": group}, "layout": {"nodes": places}}


def graph_node(editor, title):
    return editor.page.locator(".node", has=editor.page.get_by_text(title, exact=True))


def go_in(editor, title):
    """By a double click on the node."""
    graph_node(editor, title).locator(".node-title").dblclick()
    trail(editor).wait_for()


def trail(editor):
    return editor.page.get_by_role("navigation", name="Where this workflow is")


def test_nodes_become_a_sub_workflow_that_gives_what_they_gave(editor):
    name = "sub/make"
    chain = document(
        first=("Add", {"a": 1, "b": 2}),
        second=("Add", {"a": link("first", "int"), "b": 3}),
        work=("Work", {"seconds": 0.01, "after": link("second", "int")}),
    )
    chain["nodes"]["second"]["title"] = "Second"
    editor.open(name, chain).select("Add")
    editor.show("graph")
    graph_node(editor, "Second").locator(".node-title").click(modifiers=["Shift"])
    editor.page.keyboard.press("Control+Shift+G")
    editor.page.get_by_role("textbox", name="Name of the sub-workflow").fill("Sums")
    editor.page.keyboard.press("Enter")
    graph_node(editor, "Sums").wait_for()
    assert editor.page.locator(".node").count() == 2
    made = editor.saved(name)
    assert set(made["workflows"]["Sums"]["nodes"]) == {"first", "second"}
    [user] = [id for id, one in made["nodes"].items() if one["kind"] == "@Sums"]
    assert made["nodes"]["work"]["inputs"]["after"]["link"]["node"] == user
    checked = ask(editor.base, "POST", "/check", {"workflow": made})
    assert checked["problems"] == []
    editor.page.locator("header .run").click()
    editor.show("list")
    editor.wait_for_state("work", "done")
    editor.wait_for_state(user, "done")
    editor.show("graph")
    graph_node(editor, "Sums").locator(".node-title").click(button="right")
    editor.page.get_by_role("menuitem", name="Unpack").click()
    graph_node(editor, "Second").wait_for()
    editor.page.get_by_role("button", name="Remove Sums").click()  # nothing uses it, which is said
    assert "workflows" not in editor.saved(name)


def test_a_sub_workflow_is_edited_in_place_and_escape_leads_back(editor):
    editor.open("sub/place", shared())
    go_in(editor, "One")
    assert trail(editor).get_by_role("button").all_inner_texts() == ["sub/place", "group"]
    assert "used 2 times" in trail(editor).inner_text()
    graph_node(editor, "Inner").locator(".node-title").click()
    field = editor.page.locator(".node-card").get_by_role("spinbutton", name="b")
    field.fill("40")
    field.press("Enter")
    editor.press("Escape")  # selects nothing
    editor.press("Escape")
    trail(editor).wait_for(state="detached")
    assert graph_node(editor, "One").get_attribute("data-selected") == ""
    assert graph_node(editor, "Two").get_by_role("spinbutton", name="second").input_value() == "40"
    kept = editor.saved("sub/place")
    assert kept["workflows"]["group"]["nodes"]["inner"]["inputs"]["b"] == 40
    assert kept["nodes"]["one"]["inputs"]["second"] == 2


def test_a_file_that_arrives_when_people_are_elsewhere_goes_where_it_was_sent_from(editor):
    sent = {"name": "arrived.png", "mimeType": "image/png", "buffer": png()}
    before = editor.page.request.post(
        f"{editor.base}/api/v1/uploads", multipart={"file": {**sent, "name": "before.png"}}
    )
    there = before.json()["files"][0]["filename"]
    load = {"kind": "LoadImage", "title": "Picture", "inputs": {"image": there}}
    made = shared()
    made["nodes"]["inner"] = load
    made["workflows"]["group"]["nodes"]["picture"] = load
    editor.open("sub/upload", made)
    graph_node(editor, "Picture").locator(".node-title").click()
    editor.page.route("**/uploads", slowly(1))
    with editor.page.expect_response("**/uploads"):
        editor.page.locator(".node-card input[type=file]").set_input_files(sent)
        go_in(editor, "One")
    editor.page.wait_for_timeout(200)
    kept = editor.saved("sub/upload")
    assert kept["nodes"]["inner"]["inputs"]["image"].startswith("arrived")
    assert kept["workflows"]["group"]["nodes"]["picture"]["inputs"]["image"] == there
    assert "image" not in kept["workflows"]["group"]["nodes"]["inner"]["inputs"]


def test_a_sub_workflow_is_not_pasted_into_itself(editor):
    editor.open("sub/itself", shared())
    graph_node(editor, "One").locator(".node-title").click()
    editor.page.keyboard.press("Control+c")
    editor.page.wait_for_selector("text=Copied 1 nodes")
    go_in(editor, "Two")
    editor.page.keyboard.press("Control+v")
    editor.page.wait_for_selector("text=cannot hold itself")
    assert editor.page.locator(".node").count() == 1


def test_a_workflow_that_cannot_be_unfolded_says_so_among_its_problems(editor):
    made = shared()
    made["workflows"]["group"]["nodes"]["inner"] = node("@group", "Inner")
    editor.open("sub/endless", made).show("problems")
    editor.page.locator(".card.bad", has_text="contains itself").wait_for()


def test_a_new_name_is_free_where_a_sub_workflow_is_and_wherever_it_is_used(editor):
    made = shared()
    made["workflows"]["other"] = {"nodes": {"lone": node("Add", "Lone")}}
    own = {"nodes": {"small": node("Add", "Small")}}
    made["workflows"]["outer"] = {
        "nodes": {"three": node("@group", "Three", first=1), "four": node("@mine", "Four")},
        "workflows": {"mine": own, "other 2": own},
    }
    made["nodes"]["outer"] = node("@outer", "Outer")
    editor.open("sub/free", made)
    go_in(editor, "One")
    name = editor.page.get_by_role("textbox", name="Name of the sub-workflow")
    for wish, given in (
        ("mine", "mine 2"),
        ("other", "other 3"),
    ):  # the own ones of `outer` would be used in their place
        name.fill(wish)
        name.press("Enter")
        trail(editor).get_by_role("button", name=given, exact=True).wait_for()
        kept = editor.saved("sub/free")
        assert set(kept["workflows"]) == {given, "other", "outer"}
        assert kept["workflows"]["outer"]["nodes"]["three"]["kind"] == f"@{given}"
        assert kept["workflows"]["outer"]["nodes"]["four"]["kind"] == "@mine"
        assert kept["workflows"]["outer"]["workflows"].keys() == {"mine", "other 2"}


def test_each_place_keeps_its_view_and_its_selection(editor):
    editor.open("sub/views", shared())
    go_in(editor, "One")
    graph_node(editor, "Inner").locator(".node-title").click()
    editor.page.keyboard.press("+")
    world = editor.page.locator(".surface-place:not([hidden]) .world")
    seen = world.evaluate("element => element.style.transform")
    trail(editor).get_by_role("button", name="sub/views").click()
    trail(editor).wait_for(state="detached")
    editor.page.keyboard.press("Enter")  # One has the focus again
    trail(editor).wait_for()
    assert graph_node(editor, "Inner").get_attribute("data-selected") == ""
    assert world.evaluate("element => element.style.transform") == seen


def test_an_undo_leads_to_where_it_undoes(editor):
    editor.open("sub/undo", shared())
    go_in(editor, "One")
    graph_node(editor, "Inner").locator(".node-title").click()
    editor.page.keyboard.press("d")
    assert graph_node(editor, "Inner").get_attribute("data-mode") == "muted"
    trail(editor).get_by_role("button", name="sub/undo").click()
    trail(editor).wait_for(state="detached")
    editor.page.keyboard.press("Control+z")
    trail(editor).wait_for()
    assert graph_node(editor, "Inner").get_attribute("data-mode") is None


def test_inner_states_show_inside_and_together_outside_and_a_failure_leads_in(editor):
    broken = shared("Refuse")
    broken["workflows"]["group"]["interface"] = {
        "inputs": {"first": [{"node": "inner", "input": "after"}]},
        "outputs": {"sum": {"node": "inner", "output": "int"}},
    }
    del broken["nodes"]["one"]["inputs"]["second"]
    editor.open("sub/states", broken)
    editor.run()
    editor.show("list")
    editor.wait_for_state("one", "failed")
    editor.wait_for_state("two", "blocked")
    editor.show("problems")
    editor.page.locator(".panel .card", has_text="One › Inner").click()
    trail(editor).wait_for()
    editor.wait_for_state("inner", "failed")  # the list follows
    assert "It is refused." in editor.text(".node-card")
    editor.show("graph")
    assert graph_node(editor, "Inner").get_attribute("data-state") == "failed"


def test_who_would_lose_something_is_shown_before_an_interface_is_changed(editor):
    editor.open("sub/contract", shared())
    go_in(editor, "One")
    port = editor.page.locator('.workflow-card .port[data-port="first"]')
    name = port.get_by_role("textbox", name="Name of first")
    name.fill("start")
    name.press("Enter")
    kept = editor.saved("sub/contract")
    assert list(kept["workflows"]["group"]["interface"]["inputs"]) == ["start", "second"]
    assert set(kept["nodes"]["one"]["inputs"]) == {"start", "second"}
    assert kept["nodes"]["two"]["inputs"]["start"] == link("one", "sum")
    editor.page.get_by_role("button", name="Give start no longer").click()
    asked = editor.page.get_by_role("dialog", name="Others use this")
    asked.wait_for()
    assert asked.locator("strong").all_inner_texts() == ["One in sub/contract", "Two in sub/contract"]
    editor.page.keyboard.press("Escape")
    editor.page.get_by_role("button", name="Give start no longer").click()
    assert editor.page.locator(".port").count() == 3
    asked.get_by_role("button", name="Change it").click()
    editor.page.locator('.port[data-port="start"]').wait_for(state="detached")
    editor.page.get_by_role("button", name="Undo", exact=True).click()
    editor.page.locator('.port[data-port="start"]').wait_for()


def test_an_interface_has_names_words_an_order_and_defaults(editor):
    editor.open("sub/face", shared())
    go_in(editor, "One")
    editor.page.get_by_role("button", name="Move second up").click()
    words = editor.page.get_by_role("textbox", name="What second is for")
    words.fill("What is added")
    words.press("Enter")
    default = editor.page.get_by_role("spinbutton", name="Default of second")
    default.fill("7")
    default.press("Enter")
    editor.page.get_by_role("textbox", name="Name of the sub-workflow").fill("Plus")
    editor.page.keyboard.press("Enter")
    face = editor.saved("sub/face")
    assert list(face["workflows"]["Plus"]["interface"]["inputs"]) == ["second", "first"]
    assert {face["nodes"][id]["kind"] for id in ("one", "two")} == {"@Plus"}
    trail(editor).get_by_role("button", name="sub/face").click()
    graph_node(editor, "Two").locator(".node-title").click()
    card = editor.page.locator(".node-card")
    assert card.get_by_role("spinbutton", name="second").input_value() == "7"
    assert "What is added" in card.inner_text()


def test_a_sub_workflow_is_found_and_used_once_more(editor):
    editor.open("sub/again", shared())
    editor.press("Tab")
    editor.page.keyboard.type("group")
    editor.page.locator('[role="option"]', has_text="Sub-workflows").first.wait_for()
    editor.page.keyboard.press("Enter")
    editor.page.locator(".node").nth(3).wait_for()
    go_in(editor, "One")
    editor.press("Tab")
    editor.page.keyboard.type("group")
    editor.page.wait_for_selector('[role="option"], .none')
    assert editor.page.locator('[role="option"]', has_text="Sub-workflows").count() == 0  # none may contain itself


def uneven(*order):
    """A sub-workflow with one input that sets an INT and a FLOAT, in this order."""
    targets = {"INT": {"node": "sum", "input": "a"}, "FLOAT": {"node": "rest", "input": "seconds"}}
    group = {
        "nodes": {"sum": node("Add", "Sum"), "rest": node("Work", "Rest")},
        "interface": {
            "inputs": {"much": [targets[type] for type in order], "after": [{"node": "rest", "input": "after"}]},
            "outputs": {"sum": {"node": "sum", "output": "int"}},
        },
    }
    users = {"one": node("@group", "One", much=1), "work": node("Work", "Work", after=link("one", "sum"))}
    return {"graphengine": 1, "nodes": users, "workflows": {"group": group}}


def mark(place):
    """The type that a mark shows, and whether it has the colour and shape of a socket of that type on the graph."""
    return place.locator(".type-mark").evaluate(
        """mark => {
            const said = ({clipPath, backgroundColor}) => clipPath + backgroundColor;
            const look = (...what) => said(getComputedStyle(...what));
            const socket = document.querySelector(`.socket[data-type="${mark.dataset.type}"]`);
            return [mark.dataset.type, look(mark) === look(socket, "::before")];
        }"""
    )


def test_ports_of_an_interface_say_their_types_and_where_what_they_set_differs(editors):
    editor = editors().open("sub/types", uneven("FLOAT", "INT"))
    go_in(editor, "One")
    ports = editor.page.locator(".workflow-card .port")
    ports.first.wait_for()
    assert [mark(port.locator("> .line")) for port in ports.all()] == [["FLOAT", True], ["INT", True], ["INT", True]]
    lines = ports.first.locator(".insides > li")
    assert [line.split() for line in lines.all_inner_texts()] == [
        ["seconds", "of", "Rest", "FLOAT"],
        ["a", "of", "Sum", "INT"],
    ]
    assert ports.first.locator(".bad-text").inner_text() == "FLOAT does not fit a of Sum, which takes INT."
    assert ports.nth(1).locator(".insides .type-mark").count() == 0  # one of one type says it once
    checked = ask(editor.base, "POST", "/check", {"workflow": uneven("FLOAT", "INT")})
    assert checked["problems"] == []  # 1 is both
    editor = editors().open("sub/types2", uneven("INT", "FLOAT"))
    go_in(editor, "One")
    port = editor.page.locator('.workflow-card .port[data-port="much"]')
    assert "These differ in type. All of them take INT." in port.inner_text()
    assert port.locator(".bad-text").count() == 0


def test_what_would_be_lost_says_its_type(editor):
    editor.open("sub/lost", uneven("FLOAT", "INT"))
    go_in(editor, "One")
    editor.page.get_by_role("button", name="Give much no longer").click()
    lost = editor.page.get_by_role("dialog", name="Others use this").locator(".lost li")
    assert (lost.inner_text().split(), mark(lost)) == (["much", "FLOAT"], ["FLOAT", True])
    editor.page.keyboard.press("Escape")
    editor.page.get_by_role("button", name="Give sum no longer").click()
    assert (lost.inner_text().split(), mark(lost)) == (["sum", "INT"], ["INT", True])


def whole():
    """A workflow with an interface of its own, whose words are for who uses the form."""
    made = document(work=("Work", {"seconds": 0.01}))
    made["interface"] = {
        "inputs": {"patience": [{"node": "work", "input": "seconds"}]},
        "outputs": {"spent": {"node": "work", "output": "float"}},
        "docs": {"inputs": {"patience": "How long to wait"}},
    }
    return made


def test_the_interface_of_the_whole_workflow_is_one_line_until_it_is_opened_and_stays_as_it_was_left(editor):
    editor.open("sub/calm", whole())
    card = editor.page.locator(".workflow-card")
    line = card.get_by_text("Takes patience · Gives spent")
    line.wait_for()
    assert card.get_by_role("textbox").count() == 0
    assert card.bounding_box()["height"] < 60
    line.click()
    card.get_by_role("textbox", name="Name of patience").wait_for()
    editor.page.reload()
    card.get_by_role("textbox", name="Name of patience").wait_for()
    line.click()
    card.get_by_role("textbox").first.wait_for(state="detached")
    editor.page.reload()
    line.wait_for()
    assert card.get_by_role("textbox").count() == 0
    editor.press("Control+k")
    editor.page.keyboard.type("Inputs and outputs of")
    editor.page.keyboard.press("Enter")
    card.get_by_role("textbox", name="Name of patience").wait_for()


def test_the_form_says_what_an_input_is_for_in_the_words_of_the_interface(editor):
    editor.open("sub/form", whole()).show("form")
    assert "How long to wait" in editor.text(".form .field")


def test_a_comparison_tells_the_changes_of_every_sub_workflow_and_leads_there(editor):
    name = "sub/diff"
    before = shared()
    inner = before["workflows"]["group"]
    before["workflows"]["other"] = {"nodes": {"lone": node("Add", "Lone")}}
    before["nodes"]["third"] = node("@other", "Third")
    editor.open(name, before)
    after = {**before, "workflows": {"group": {**inner, "nodes": {"inner": node("Add", "Inner", b=5)}}}}
    after["nodes"] = {id: one for id, one in before["nodes"].items() if id != "third"}
    after["nodes"]["work"] = node("Work", "Work", seconds=0.02, after=link("two", "sum"))
    after["layout"] = {"nodes": {"one": {"pos": [5, 5]}}}
    [version] = [one["version"] for one in ask(editor.base, "GET", f"/history/{name}")["versions"]]
    ask(editor.base, "PUT", f"/documents/{name}?based_on={version}", after)
    editor.open().open(name)
    editor.show("history")
    editor.page.locator(".panel .card").last.get_by_role("button", name="Compare").click()
    places = editor.page.locator(".panel details.place")
    places.first.wait_for()
    heads = places.locator("summary").all_inner_texts()
    assert [" ".join(head.split()) for head in heads] == [
        f"{name} 2 changes", "group 1 change", "other Removed 1 change",
    ]  # fmt: skip
    assert places.evaluate_all("all => all.map((one) => one.open)") == [True, True, False]
    moved = editor.page.locator(".panel details.moved")
    assert moved.get_attribute("open") is None
    assert places.nth(1).locator("ins").inner_text() == "5"
    places.nth(2).locator("summary").click()
    assert places.nth(2).get_by_role("button").count() == 0  # it is nowhere
    places.nth(1).get_by_role("button", name="Inner").click()
    trail(editor).wait_for()
    editor.page.wait_for_selector('.node-card[data-node="inner"]')
    editor.show("diff")
    assert places.count() == 3  # all of them, wherever one is
    moved.locator("summary").click()
    moved.get_by_role("button", name=name).click()
    trail(editor).wait_for(state="detached")


def test_a_change_of_an_interface_is_a_difference_and_leads_to_it(editor):
    editor.open("sub/facediff", shared())
    go_in(editor, "One")
    words = editor.page.get_by_role("textbox", name="What first is for")
    words.fill("To begin with")
    words.press("Enter")
    trail(editor).get_by_role("button", name="sub/facediff").click()
    trail(editor).wait_for(state="detached")
    editor.show("diff")
    card = editor.page.locator(".panel .card.diff")
    assert " ".join(card.inner_text().split()) == "Inputs and outputs first nothing To begin with"
    card.click()
    trail(editor).wait_for()
    editor.page.get_by_role("textbox", name="What first is for").wait_for()


def test_another_order_of_ports_is_a_difference_and_leads_to_it(editor):
    editor.open("sub/order", shared())
    go_in(editor, "One")
    editor.page.get_by_role("button", name="Move second up").click()
    trail(editor).get_by_role("button", name="sub/order").click()
    trail(editor).wait_for(state="detached")
    editor.show("diff")
    card = editor.page.locator(".panel .card.diff")
    assert " ".join(card.inner_text().split()) == (
        "Inputs and outputs inputs in another order first, second second, first"
    )
    card.click()
    trail(editor).wait_for()
    editor.page.get_by_role("button", name="Move second down").click()
    editor.show("diff")
    editor.page.get_by_text("No difference to the saved version.").wait_for()


@pytest.mark.skipif(not AXE, reason="needs AXE_CORE, the path of axe.min.js")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_inside(editors, scheme):
    editor = editors(color_scheme=scheme, bypass_csp=True).open("sub/axe", shared())
    go_in(editor, "One")
    graph_node(editor, "Inner").locator(".node-title").click(button="right")
    for close in (True, False):
        assert editor.serious() == []
        if close:
            editor.page.keyboard.press("Escape")
            editor.press("Escape")
