"""A server and a browser for each module of tests of the editor, which sees nothing that others ran; a page a test."""

import pytest

from tests.web.editing import CHROMIUM, Editor, serving


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    if not CHROMIUM:
        pytest.skip("needs chromium")
    with serving(tmp_path_factory.mktemp("editor")) as address:
        yield address


@pytest.fixture(scope="module")
def browser():  # of one module: while it is open, no other test can run a loop of asyncio
    api = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    if not CHROMIUM:
        pytest.skip("needs chromium")
    with api.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def editors(base, browser):
    """Makes pages of one browser profile; at the end none of them may have complained."""
    made, contexts = [], []

    def make(context=None, **options):
        if context is None:
            context = browser.new_context(**{"locale": "en-US", "viewport": {"width": 1360, "height": 840}, **options})
            contexts.append(context)
        editor = Editor(context.new_page(), base)
        made.append(editor)
        return editor

    yield make
    errors = [error for editor in made for error in editor.errors]
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def editor(editors):
    return editors()
