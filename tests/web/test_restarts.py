"""A server that dies under the page and comes back: the page goes on by itself, nothing is lost or doubled."""

import time
from contextlib import contextmanager

import pytest

from tests.web.editing import Editor, ask, document, started
from tests.web.test_keeping import SAY, text_field, wait_for_draft


class Mortal:
    """A server at one address and one home, which can be killed and started again."""

    def __init__(self, home):
        self.home, self.port, self.base, self.running = home, 0, "", None
        self.start()

    def start(self):
        self.running = started(self.home, self.port)
        self.process, self.base = self.running.__enter__()
        self.port = int(self.base.rsplit(":", 1)[1])

    def kill(self):
        self.process.kill()
        self.running.__exit__(None, None, None)
        self.running = None


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("restarts")


@pytest.fixture
def mortal(home):
    server = Mortal(home)
    yield server
    if server.running:
        server.kill()


@contextmanager
def page_of(browser, mortal):
    """A page whose complaints are only those of the browser about an address where nothing listens."""
    context = browser.new_context(locale="en-US", viewport={"width": 1360, "height": 840})
    editor = Editor(context.new_page(), mortal.base)
    yield editor
    context.close()
    assert [error for error in editor.errors if "ERR_" not in error] == []


def away(editor):
    return editor.page.locator(".toast", has_text="The server does not answer")


def go(editor, name):
    editor.page.evaluate("name => (location.hash = `#/${name}`)", name)
    editor.page.wait_for_selector(f'.tab[data-current="true"] >> text={name}')


def test_what_was_changed_while_the_server_was_away_is_kept_and_saved_when_it_is_back(browser, mortal):
    with page_of(browser, mortal) as editor:
        editor.open("away", SAY).select("Say")
        text_field(editor).fill("two")
        assert wait_for_draft(editor.base, "away", "two", 4)
        mortal.kill()
        away(editor).wait_for()
        text_field(editor).fill("three")
        editor.page.keyboard.press("Control+s")
        editor.page.wait_for_timeout(1000)  # longer than the pause before a draft
        assert away(editor).count() == 1 and editor.page.locator(".tab .dirty").count() == 1
        mortal.start()
        away(editor).wait_for(state="detached")
        assert wait_for_draft(editor.base, "away", "three", 4)
        editor.page.keyboard.press("Control+s")
        editor.page.wait_for_selector("text=Saved as version")
        assert len(ask(editor.base, "GET", "/history/away")["versions"]) == 2
        assert editor.page.locator(".toast.bad").count() == 0


def test_a_save_whose_answer_the_server_took_with_it_is_no_conflict_and_no_second_version(browser, mortal):
    with page_of(browser, mortal) as editor:

        def accept_and_die(route):
            route.fetch()
            mortal.kill()
            route.abort("connectionreset")

        editor.open("unanswered", SAY).select("Say")
        text_field(editor).fill("two")
        editor.page.route("**/documents/unanswered", accept_and_die, times=1)
        editor.page.keyboard.press("Control+s")
        away(editor).wait_for()
        assert editor.page.locator(".tab .dirty").count() == 1  # as far as anybody can know
        mortal.start()
        away(editor).wait_for(state="detached")
        editor.page.keyboard.press("Control+s")
        editor.page.wait_for_selector("text=Saved as version")
        assert len(ask(editor.base, "GET", "/history/unanswered")["versions"]) == 2
        assert editor.page.locator(".toast.bad").count() == 0


def test_a_job_that_died_with_the_server_is_told_lost_and_what_waited_is_run(browser, mortal):
    with page_of(browser, mortal) as editor:
        editor.open("waits", document(say=("Say", {"text": "waited for its turn"})))
        other = {"workflow": document(work=("Work", {"seconds": 30.0})), "title": "runs", "client": "editor"}
        ask(editor.base, "PUT", "/documents/runs", other["workflow"])
        running = ask(editor.base, "POST", "/jobs", other)["id"]
        go(editor, "runs")
        editor.show("list")
        editor.wait_for_state("work", "running")
        go(editor, "waits")
        editor.show("list")
        editor.run()
        editor.page.wait_for_selector(".outlook.busy >> text=Queued")
        mortal.kill()
        away(editor).wait_for()
        mortal.start()
        away(editor).wait_for(state="detached")
        editor.wait_for_state("say", "done")
        go(editor, "runs")
        editor.page.wait_for_selector("text=The job is lost: The server stopped while it ran.")
        editor.wait_for_state("work", "idle")
        states = {job["id"]: job["state"] for job in ask(editor.base, "GET", "/jobs")["jobs"]}
        assert states.pop(running) == "lost" and list(states.values()) == ["done"]


def test_a_change_taken_back_while_the_server_was_away_leaves_no_draft(browser, mortal):
    with page_of(browser, mortal) as editor:
        editor.open("back", SAY).select("Say")
        text_field(editor).fill("two")
        assert wait_for_draft(editor.base, "back", "two", 4)
        mortal.kill()
        away(editor).wait_for()
        text_field(editor).fill("one")
        editor.page.wait_for_timeout(1000)  # longer than the pause before a draft
        mortal.start()
        away(editor).wait_for(state="detached")
        until = time.monotonic() + 4
        while any(one["draft"] for one in ask(editor.base, "GET", "/documents")["documents"]):
            assert time.monotonic() < until
            time.sleep(0.1)
