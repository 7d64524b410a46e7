"""What people are told: notices that can be read again, ends of runs while they look elsewhere, and memory."""

import json
import re

from tests.web.editing import ask, document

SAY = document(say=("Say", {"text": "one"}))

# Stands for the browser's own: what is told is kept, and leave is given when it is asked for.
NOTIFICATIONS = """
window.told = []; window.asked = 0;
window.Notification = class {
  static permission = "default";
  static async requestPermission() { window.asked += 1; return (this.permission = "granted"); }
  constructor(title) { window.told.push(title); }
};
"""
HIDE = "Object.defineProperty(document, 'hidden', {value: true, configurable: true})"


def test_a_notice_that_has_gone_is_found_again_with_what_could_be_done(editor):
    editor.open("notices/kept", SAY)
    ask(editor.base, "PUT", "/documents/notices/gone", SAY)
    editor.page.get_by_role("button", name="Open…").click()
    editor.page.get_by_role("button", name="Delete notices/gone").click()
    toast = editor.page.locator(".toast", has_text="'notices/gone' was deleted")
    toast.wait_for()
    editor.page.keyboard.press("Escape")
    toast.get_by_role("button", name="Close").click()
    toast.wait_for(state="detached")
    editor.page.get_by_role("button", name="What was said (1)").click()
    notice = editor.page.locator(".notice", has_text="'notices/gone' was deleted")
    notice.get_by_role("button", name="Undo").click()
    editor.page.wait_for_function("() => fetch('/api/v1/documents/notices/gone').then(answer => answer.ok)")
    editor.page.get_by_role("button", name="What was said", exact=True).wait_for()
    editor.expect(404)


def test_losing_the_server_is_told_once_can_be_dismissed_and_is_over_when_it_is_back(editor):
    sockets, away = [], [False]

    def connect(socket):
        if away[0]:
            socket.close()
        else:
            socket.connect_to_server()
            sockets.append(socket)

    editor.page.route_web_socket(re.compile("events/socket"), connect)
    editor.open("notices/lost", SAY)
    told = editor.page.locator(".toast", has_text="The server does not answer")
    for is_closed_by_people in (True, False):
        away[0] = True
        sockets[-1].close()
        told.wait_for()
        if is_closed_by_people:
            told.get_by_role("button", name="Close").click()
            editor.page.wait_for_timeout(900)  # two more tries to connect
            assert told.count() == 0 and editor.page.locator(".outlook.bad").inner_text() == "No connection"
        away[0] = False
        editor.page.locator(".outlook.bad").wait_for(state="detached")
        assert told.count() == 0


def test_the_end_of_a_run_is_told_to_who_asked_for_it_and_looks_elsewhere(editor):
    editor.page.add_init_script(NOTIFICATIONS)
    editor.open("notices/ends", document(work=("Work", {"seconds": 0.6})))
    assert editor.page.evaluate("window.asked") == 0
    editor.page.evaluate(HIDE)
    editor.run()
    editor.page.wait_for_function("() => document.title.startsWith('(done)')")
    assert editor.page.evaluate("window.told") == []
    bell = editor.page.get_by_role("button", name="Tell me when runs end")
    bell.click()
    assert editor.page.evaluate("window.asked") == 1
    editor.page.wait_for_selector(".bell[aria-pressed=true]")
    editor.run()
    editor.page.wait_for_function("() => window.told.length === 1")
    assert editor.page.evaluate("window.told")[0].startswith("notices/ends: ")
    editor.page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")
    editor.page.wait_for_function("() => document.title.startsWith('notices/ends')")
    editor.run()
    editor.page.wait_for_selector("text=Nothing had changed")
    assert len(editor.page.evaluate("window.told")) == 1
    bell.click()
    assert bell.get_attribute("aria-pressed") == "false" and editor.page.evaluate("window.asked") == 1


MEMORY = {
    "server": 50 * 2**20,
    "workers": [
        {
            "cache": {"bytes": 3 * 2**20, "values": 7, "limit": 2**31},
            "models": [{"name": "UNet of a file", "bytes": 5 * 2**30}],
            "devices": [{"name": "cuda:0", "bytes": 24 * 2**30, "free": 18 * 2**30}],
        }
    ],
}


def test_the_strip_says_what_holds_memory_and_one_click_in_it_frees(editor):
    held, wanted = [MEMORY], []
    freed = {"server": MEMORY["server"], "workers": [{**MEMORY["workers"][0], "models": []}]}

    def free(route):
        wanted.append(json.loads(route.request.post_data))
        held.append(freed)
        route.fulfill(json=freed)

    editor.page.route("**/api/v1/memory", lambda route: route.fulfill(json=held[-1]))
    editor.page.route("**/api/v1/memory/free", free)
    editor.open("notices/memory", SAY)
    strip = editor.page.locator(".memory-strip")
    editor.page.wait_for_selector(".memory-strip >> text=Models 5.0 GB")
    assert strip.inner_text().split("\n") == ["Models 5.0 GB", "Kept values 3 MB", "Server 50 MB"]
    strip.click()
    dialog = editor.page.locator(".dialog.memory")
    dialog.locator(".holder", has_text="UNet of a file").wait_for()
    assert "7 values, of at most 2.0 GB" in dialog.inner_text()
    assert "cuda:0: 18.0 GB of 24.0 GB free" in dialog.inner_text()
    dialog.get_by_role("button", name="Free models").click()
    editor.page.wait_for_selector("text=5.0 GB are free again")
    assert wanted == [{"models": True, "cache": False}] and "Models 0 MB" in strip.inner_text()


def test_memory_is_asked_for_when_a_job_has_ended_and_never_by_a_hidden_page(editor):
    asked = []
    editor.page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/memory") else None)
    editor.open("notices/polls", document(say=("Say", {"text": "poll"})))
    editor.page.wait_for_selector(".memory-strip >> text=Server")
    before = len(asked)
    with editor.page.expect_request("**/api/v1/memory"):
        editor.run()
    editor.page.wait_for_timeout(1500)
    assert before < len(asked) < before + 6  # as many as there were reasons, none by a clock
    editor.page.evaluate(HIDE)
    hidden = len(asked)
    editor.run()
    editor.page.wait_for_function("() => document.title.startsWith('(done)')")
    editor.page.wait_for_timeout(500)
    assert len(asked) == hidden
