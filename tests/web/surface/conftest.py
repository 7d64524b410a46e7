"""The surface in Chromium, on a page without a server; any message of an error in the console fails the test."""

import pytest

from tests.web.surface.hands import Hands
from tests.web.surface.serving import served


@pytest.fixture(scope="session")
def address():
    with served() as address:
        yield address


@pytest.fixture
def open_page(browser, address):
    """Open the page: ``open_page("?nodes=1000", has_touch=True)``."""
    contexts, errors = [], []

    def open_it(query="", **options):
        context = browser.new_context(**{"viewport": {"width": 1400, "height": 800}, **options})
        contexts.append(context)
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
        page.goto(address + query)
        page.wait_for_selector("[data-ready]")
        return Hands(page)

    yield open_it
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def hands(open_page):
    return open_page()
