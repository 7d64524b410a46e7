"""Run and watch: what the page shows is what the server does."""

import re
import time

from tests.web.editing import ask, document, link


def test_a_run_shows_progress_then_seconds_and_results_and_a_second_one_has_nothing_to_do(editor):
    work = document(work=("Work", {"seconds": 1.5}), say=("Say", {"text": "hello there"}))
    editor.open("runs/first", work).show("list")
    editor.page.wait_for_selector("text=runs 2 of 2 nodes")
    editor.run()
    editor.wait_for_state("work", "running")
    editor.wait_for_state("work", "done")
    editor.wait_for_state("say", "done")
    assert editor.state("work").inner_text().split("\t")[2].split()[0] == "done"
    editor.page.wait_for_selector("text=Nothing to run: all 2 values are there")
    editor.show("results")
    assert "hello there" in editor.text(".panel")
    editor.run()
    editor.wait_for_state("work", "cached")
    editor.page.wait_for_selector("text=Nothing had changed")


def test_a_preview_is_shown_while_a_node_runs(editor):
    editor.open("runs/preview", document(work=("Work", {"seconds": 4.0, "after": 1}))).select("Work")
    editor.run()
    editor.page.wait_for_selector(".node-card .preview")
    editor.page.get_by_role("button", name="Cancel", exact=True).click()
    editor.page.wait_for_selector(".outcome.cancelled")


def test_a_failure_tells_the_node_the_cause_and_what_to_do(editor):
    editor.open("runs/refused", document(refuse=("Refuse", {}))).show("list")
    editor.run()
    editor.wait_for_state("refuse", "failed")
    editor.show("problems")
    card = editor.page.locator(".panel .card.bad")
    assert "It is refused." in card.inner_text() and "Ask for something else." in card.inner_text()
    card.click()
    editor.page.wait_for_selector('.node-card[data-node="refuse"] .state[data-state="failed"]')


def test_a_failure_is_told_where_people_look_and_leads_to_its_node_until_the_next_run(editor):
    editor.open("runs/lead", document(say=("Say", {"text": "fine"}), refuse=("Refuse", {}))).select("Say")
    editor.run()
    told = editor.page.get_by_role("alert").filter(has_text="Refuse failed: It is refused.")
    told.wait_for()
    told.get_by_role("button", name="Go to node").click()
    editor.page.wait_for_selector('.node-card[data-node="refuse"] .state[data-state="failed"]')
    editor.run()
    told.wait_for()  # told anew, once
    assert told.count() == 1


def test_an_error_that_nobody_foresaw_has_its_details_behind_a_fold(editor):
    editor.open("runs/fail", document(fail=("Fail", {}))).select("Fail")
    editor.run()
    editor.wait_for_state("fail", "failed")
    editor.page.locator(".node-card summary").click()
    assert "ZeroDivisionError" in editor.text(".node-card pre")


def test_what_cannot_run_is_not_queued_and_each_problem_leads_to_its_input(editor):
    before = len(ask(editor.base, "GET", "/jobs")["jobs"])
    broken = document(
        say=("Say", {"text": link("nobody")}), add=("Add", {"a": "many"}), work=("Work", {"seconds": "x"})
    )
    editor.open("runs/broken", broken).show("list")
    editor.run()
    editor.page.wait_for_selector(".panel .card.bad")
    assert len(ask(editor.base, "GET", "/jobs")["jobs"]) == before
    editor.page.locator(".panel .card.bad", has_text="seconds").click()
    editor.page.wait_for_selector('.node-card[data-node="work"] .input[data-input="seconds"][data-bad="true"]')


def test_a_reload_in_the_middle_of_a_run_shows_the_same(editor):
    editor.open("runs/reload", document(work=("Work", {"seconds": 6.0, "after": 2}))).show("list")
    editor.run()
    editor.wait_for_state("work", "running")
    editor.page.reload()
    editor.page.wait_for_selector("body[data-ready]")
    editor.show("list")
    editor.wait_for_state("work", "running")
    editor.page.wait_for_selector(".outlook.busy")
    editor.page.get_by_role("button", name="Cancel", exact=True).click()
    editor.page.wait_for_selector(".outcome.cancelled")


def test_a_reload_in_the_middle_of_a_node_shows_its_progress_and_its_last_preview(editor):
    editor.open("runs/paused", document(pause=("Pause", {"after": 51}))).run()
    preview = editor.page.locator(".node-view img")
    preview.wait_for()

    def late(route):
        time.sleep(0.5)  # the preview comes as soon as the page listens, before it knows of the job
        route.continue_()

    editor.page.route("**/jobs?limit=*", late)
    editor.page.reload()
    editor.page.wait_for_selector("body[data-ready]")
    preview.wait_for()
    assert preview.evaluate("image => image.decode().then(() => image.naturalWidth)") == 2
    editor.page.wait_for_selector('.node[data-id="pause"] >> text=1 / 2')
    editor.select("Pause")
    editor.page.wait_for_selector(".node-card .preview")
    editor.page.get_by_role("button", name="Cancel", exact=True).click()
    editor.page.wait_for_selector(".outcome.cancelled")


def test_a_graph_that_is_shown_first_in_the_middle_of_a_run_shows_the_preview(editors):
    editor = editors(viewport={"width": 390, "height": 800})
    pause = document(pause=("Pause", {"after": 52}))
    pause["interface"] = {"inputs": {"after": [{"node": "pause", "input": "after"}]}, "outputs": {}}
    editor.open("runs/phone", pause)
    editor.page.locator(".form .run").click()
    editor.page.locator(".form .preview").wait_for()
    editor.show("graph")
    editor.page.locator(".node-view img").wait_for()
    ask(editor.base, "POST", f"/jobs/{ask(editor.base, 'GET', '/queue')['running'][0]['id']}/cancel")
    editor.page.locator('.node[data-state="running"]').wait_for(state="detached")


def test_what_a_run_of_the_form_shows_comes_into_sight(editors):
    editor = editors(viewport={"width": 390, "height": 600})
    made = document(work=("Work", {"seconds": 0.7}), **{f"add{n}": ("Add", {"a": n}) for n in range(12)})
    made["interface"] = {"inputs": {f"a{n}": [{"node": f"add{n}", "input": "a"}] for n in range(12)}, "outputs": {}}
    editor.open("runs/sight", made)
    run = editor.page.locator(".form .run")
    run.scroll_into_view_if_needed()
    shown = editor.page.locator(".form pre", has_text="worked 0.7")
    assert shown.count() == 0
    run.click()
    shown.wait_for()
    editor.page.wait_for_timeout(100)
    box, form = shown.bounding_box(), editor.page.locator(".form").bounding_box()
    assert form["y"] <= box["y"] and box["y"] + box["height"] <= form["y"] + form["height"] + 1


def folded(*ids, **nodes):
    """Nodes of which some are in a folded frame."""
    made = document(**nodes)
    made["layout"] = {
        "nodes": {id: {"pos": [300 * at, 40]} for at, id in enumerate(nodes)},
        "groups": [{"title": "Part", "bounding": [-20, -60, 560, 420], "folded": list(ids)}],
    }
    return made


def frame_says(editor, state, said):
    count = editor.page.locator(".frame-count", has_text=re.compile(f"^{said}$"))  # what came before may be shown first
    frame = editor.page.locator(f'.frame[data-state="{state}"]').filter(has=count)
    frame.wait_for()
    assert re.fullmatch(f"Frame Part, 2 nodes, {said}", frame.get_attribute("aria-label"))
    dot = "element => getComputedStyle(element, '::before').content"
    assert frame.locator(".frame-head").evaluate(dot) != "none"


def test_a_folded_frame_shows_what_a_run_says_of_the_nodes_in_it(editor):
    slow = {"seconds": 1.5, "after": link("add", "int")}
    editor.open("run/folded", folded("add", "work", add=("Add", {"a": 1}), work=("Work", slow), say=("Say", {})))
    frame = editor.page.locator(".frame")
    assert frame.get_attribute("aria-label") == "Frame Part, 2 nodes"
    assert frame.locator(".frame-count").inner_text() == "2 nodes"
    editor.run()
    frame_says(editor, "running", "1 / 2")
    assert frame.locator(".node-progress").evaluate("one => one.getBoundingClientRect().width") > 0
    frame_says(editor, "done", r"[\d.]+ s")
    frame.locator(".frame-head").click()
    editor.page.keyboard.press("Shift+H")  # open, it leaves that to the nodes
    editor.page.locator('.node[data-id="work"][data-state="done"]').wait_for()
    assert frame.get_attribute("data-state") is None
    assert frame.get_attribute("aria-label") == "Frame Part"
    editor.page.keyboard.press("Shift+H")
    frame_says(editor, "done", r"[\d.]+ s")


def test_a_folded_frame_tells_a_failure_in_it(editor):
    nodes = {"add": ("Add", {"a": 2}), "refuse": ("Refuse", {"after": link("add", "int")})}
    editor.open("run/unfit", folded("add", "refuse", **nodes)).run()
    frame_says(editor, "failed", "failed")


def test_a_node_says_why_it_runs(editor):
    editor.open("runs/why", document(say=("Say", {"text": "one"}))).select("Say")
    editor.run()
    editor.page.wait_for_selector(".outcome.done")
    field = editor.page.locator(".node-card").get_by_role("textbox", name="text")
    field.fill("two")
    why = editor.page.locator(".node-card .why", has_text="'text' changed from 'one' to 'two'")
    why.wait_for()


def test_each_run_draws_a_seed_that_had_its_default_and_counts_what_is_to_be_counted(editor):
    made = document(add=("Add", {"a": 5}), work=("Work", {"after": link("add", "int"), "seconds": 0.01}))
    made["nodes"]["noise"] = {"kind": "RandomNoise", "title": "Noise", "inputs": {}}
    made["nodes"]["pick"] = {"kind": "KSamplerSelect", "title": "Pick", "inputs": {"sampler_name": "euler"}}
    controls = {"add": {"a": "increment"}, "pick": {"sampler_name": "increment-wrap"}}
    made["layout"] = {"nodes": {id: {"control": control} for id, control in controls.items()}}
    editor.open("runs/each", made).select("Noise")
    card = editor.page.locator(".node-card")
    seed = card.get_by_role("spinbutton", name="noise_seed")
    assert seed.input_value() == "0"
    card.get_by_role("button", name="New noise_seed each run").click()
    seen = set()
    for _ in range(2):
        editor.run()
        editor.page.wait_for_selector(".outcome.done")
        seen.add(seed.input_value())
        editor.page.get_by_role("button", name="Undo", exact=True).wait_for()
    assert "0" not in seen and len(seen) == 2
    editor.select("Add")
    assert card.get_by_role("spinbutton", name="a").input_value() == "6"  # the first run was of what the file says
    editor.select("Pick")
    [names] = [port["choices"] for port in ask(editor.base, "GET", "/nodes/KSamplerSelect")["inputs"]]
    assert card.get_by_role("combobox").input_value() == names[names.index("euler") + 1]
    each = card.get_by_role("button", name="each run, the first after the last")
    assert each.get_attribute("aria-pressed") == "true"
    each.click()
    assert each.get_attribute("aria-pressed") == "false"
    editor.run()
    editor.page.wait_for_selector(".outcome.done")
    assert card.get_by_role("combobox").input_value() == names[names.index("euler") + 1]


def test_a_seed_that_has_the_focus_shows_what_a_run_drew_and_keeps_it(editor):
    made = document(say=("Say", {"text": "focus"}))
    made["nodes"]["noise"] = {"kind": "RandomNoise", "title": "Noise", "inputs": {"noise_seed": 5}}
    made["layout"] = {"nodes": {"noise": {"control": {"noise_seed": "randomize"}}}}
    editor.open("runs/focus", made).select("Noise")
    seed = editor.page.locator(".node-card").get_by_role("spinbutton", name="noise_seed")
    seed.focus()
    editor.page.keyboard.press("Control+Enter")
    editor.page.wait_for_selector(".outcome.done")
    drawn = seed.input_value()
    assert drawn != "5"
    editor.page.keyboard.press("Tab")
    assert seed.input_value() == drawn
    assert editor.page.evaluate("document.title").startswith("• ")  # by the one step that drew it
    editor.page.get_by_role("button", name="Undo", exact=True).click()
    assert seed.input_value() == "5"


def test_arrows_step_the_largest_seeds_to_the_digit(editor):
    made = document(say=("Say", {}))
    most = 2**64 - 1
    made["nodes"]["noise"] = {"kind": "RandomNoise", "title": "Noise", "inputs": {"noise_seed": most}}
    editor.open("runs/digits", made).select("Noise")
    seed = editor.page.locator(".node-card").get_by_role("spinbutton", name="noise_seed")
    seed.focus()
    for key, wanted in (("ArrowDown", most - 1), ("Shift+ArrowDown", most - 11), ("ArrowUp", most - 10)):
        editor.page.keyboard.press(key)
        assert seed.input_value() == str(wanted)


def test_an_answer_about_an_older_run_that_comes_late_leaves_the_newer_one_alone(editor):
    editor.open("runs/late", document(work=("Work", {"seconds": 1.0, "after": 61}))).select("Work")
    editor.run()
    editor.wait_for_state("work", "running")
    [older] = ask(editor.base, "GET", "/queue")["running"]
    held = []
    editor.page.route(f"**/api/v1/jobs/{older['id']}", lambda route: held.append(route))
    with editor.page.expect_request(f"**/api/v1/jobs/{older['id']}"):  # it has ended
        pass
    seconds = editor.page.locator(".node-card").get_by_role("spinbutton", name="seconds")
    seconds.fill("30")
    seconds.press("Enter")
    editor.run()
    editor.wait_for_state("work", "running")
    with editor.page.expect_response(f"**/api/v1/jobs/{older['id']}") as answered:
        held[0].continue_()
    answered.value.finished()
    editor.page.wait_for_timeout(200)
    assert editor.state("work").get_attribute("data-state") == "running"
    assert editor.page.locator(".outlook.busy").count() == 1
    editor.page.get_by_role("button", name="Cancel", exact=True).click()
    editor.page.wait_for_selector(".outcome.cancelled")


def test_running_to_a_node_runs_no_other(editor):
    two = document(one=("Say", {"text": "run to here"}), other=("Say", {"text": "not this"}))
    two["nodes"]["one"]["title"] = "Here"
    editor.open("runs/target", two).select("Here")
    editor.page.keyboard.press("Control+Shift+Enter")
    editor.wait_for_state("one", "done")
    assert editor.state("other").get_attribute("data-state") == "idle"


def test_running_to_a_node_leaves_what_is_known_of_the_others(editor):
    three = document(
        say=("Say", {"text": "again"}), work=("Work", {"seconds": 0.1, "after": 41}), refuse=("Refuse", {})
    )
    editor.open("runs/others", three).show("list")
    editor.run()
    told = editor.page.get_by_role("alert").filter(has_text="Refuse failed")
    told.wait_for()
    editor.wait_for_state("work", "done")
    editor.select("Say")
    text = editor.page.locator(".node-card").get_by_role("textbox", name="text")
    text.fill("another one")
    editor.page.locator(".node-card .why", has_text="'text' changed").wait_for()
    editor.page.keyboard.press("Control+Shift+Enter")
    editor.page.wait_for_selector(".outcome.done")
    editor.wait_for_state("say", "done")
    assert [editor.state(node).get_attribute("data-state") for node in ("work", "refuse")] == ["done", "failed"]
    assert told.count() == 0  # it is no news


def test_the_queue_can_be_paused_and_a_waiting_job_cancelled(editor):
    editor.open("runs/queue", document(say=("Say", {"text": "later"}))).show("queue")
    editor.page.get_by_role("button", name="Pause", exact=True).click()
    editor.page.wait_for_selector("text=The queue is paused")
    try:
        editor.run()
        waiting = editor.page.locator(".panel .job", has_text="runs/queue").filter(has_text="queued")
        waiting.wait_for()
        waiting.get_by_role("button", name="Cancel: runs/queue").click()
        editor.page.wait_for_selector(".outcome.cancelled")
    finally:
        ask(editor.base, "POST", "/queue/resume")
    editor.page.get_by_role("button", name="Pause", exact=True).wait_for()


WAITING = """titles => {
  const waiting = [...document.querySelectorAll(".panel .job:has([data-state=queued]) strong")];
  return waiting.map((one) => one.textContent).join() === titles.join();
}"""


def test_what_waits_is_moved_up_and_down_by_keyboard_and_all_is_cancelled_also_what_runs(editor):
    editor.open("runs/order", document(say=("Say", {}))).show("queue")
    long = document(work=("Work", {"seconds": 60}))
    jobs = [
        ask(editor.base, "POST", "/jobs", {"workflow": long, "title": title})
        for title in ("runs", "one", "two", "three")
    ]
    try:
        editor.page.wait_for_function(WAITING, arg=["one", "two", "three"])
        up = editor.page.get_by_role("button", name="Move three up")
        up.focus()
        for order in (["one", "three", "two"], ["three", "one", "two"]):
            editor.page.keyboard.press("Enter")
            editor.page.wait_for_function(WAITING, arg=order)
        assert up.is_disabled()
        editor.page.get_by_role("button", name="Move one down").click()
        editor.page.wait_for_function(WAITING, arg=["three", "two", "one"])
        editor.page.get_by_role("button", name="Cancel all", exact=True).click()
        editor.page.wait_for_selector("text=Nothing runs and nothing waits.")
        assert {ask(editor.base, "GET", f"/jobs/{job['id']}")["state"] for job in jobs} == {"cancelled"}
    finally:
        for job in jobs:
            if ask(editor.base, "GET", f"/jobs/{job['id']}")["state"] in ("queued", "running"):
                ask(editor.base, "POST", f"/jobs/{job['id']}/cancel")
