"""The editor's page in headless Chromium: its first paint, what it loads, and how it pans in a storm.

    python -m benchmarks.web.page

Bytes are those that the server sends. What concerns many nodes is in ``surface.py``.
"""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from playwright.sync_api import Page, sync_playwright

from tests.web.editing import serving
from tests.web.surface.metering import Meter
from tests.web.surface.serving import served

LOADS = 5
FRAMES = """async () => {
    const times = [];
    let stop = false;
    const storm = async () => {
        for (let done = 0; !stop; done += 1) {
            surface.setStates({n0: {state: "running", done: done % 100, total: 100}});
            await new Promise((resume) => setTimeout(resume, 10));
        }
    };
    void storm();
    let before = performance.now();
    for (let step = 0; step < 120; step += 1) {
        surface.view.set({x: -3 * step, y: -2 * step, zoom: 1});
        await new Promise(requestAnimationFrame);
        times.push(performance.now() - before);
        before = performance.now();
    }
    stop = true;
    return times;
}"""


BYTES = """performance.getEntries()
    .filter(({name, entryType}) => entryType === "navigation" || /\\.(js|css)$/.test(name))
    .reduce((sum, {encodedBodySize}) => sum + encodedBodySize, 0)"""


def first_paints(page: Page, address: str) -> Iterator[tuple[float, float]]:
    """Milliseconds until the shell is painted, and until the editor can be used; nothing is in the browser's cache."""
    for _ in range(LOADS):
        context = page.context.browser.new_context(viewport={"width": 1360, "height": 840})  # type: ignore[union-attr]
        fresh = context.new_page()
        fresh.goto(address)
        fresh.wait_for_selector("body[data-ready]")
        ready = fresh.evaluate("performance.now()")
        painted = fresh.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        context.close()
        yield painted, ready


def loaded(page: Page, address: str) -> tuple[int, int]:
    """Compressed bytes of code (scripts, styles, the page) until the editor is ready, and with all that comes later."""
    page.goto(address)
    page.wait_for_selector("body[data-ready]")
    at_start = page.evaluate(BYTES)
    page.wait_for_load_state("networkidle")
    return at_start, page.evaluate(BYTES)


def main() -> None:
    with tempfile.TemporaryDirectory() as home, sync_playwright() as started:
        browser = started.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1360, "height": 840})
        with serving(Path(home)) as address:
            painted, ready = map(median, zip(*first_paints(page, address), strict=True))
            at_start, in_all = loaded(page, address)
        print(f"first paint of the shell        {painted:8.0f} ms  (goal 1000)")
        print(f"ready to use                    {ready:8.0f} ms")
        print(f"code until it is ready          {at_start / 1000:8.1f} kB  (goal 120)")
        print(f"all code                        {in_all / 1000:8.1f} kB")
        with served() as address:
            page.goto(f"{address}?nodes=1000")
            page.wait_for_selector("[data-ready]")
            page.evaluate("surface.view.set({x: 0, y: 0, zoom: 1})")  # leaving the view from afar is no part of a pan
            page.wait_for_timeout(1000)
            meter = Meter(page)
            before = meter.read()
            times = sorted(page.evaluate(FRAMES))
            script, task = ((end - start) / len(times) for start, end in zip(before, meter.read(), strict=True))
        usual, slow = 1000 / median(times), 1000 / times[int(0.95 * len(times))]
        print(f"frames of a pan, 100 events/s   {usual:8.0f} a second, one in twenty at {slow:.0f}  (goal 50)")
        print(f"thread time of such a frame     {script:8.2f} ms of script, {task:.1f} ms with style, layout and paint")
        browser.close()


if __name__ == "__main__":
    main()
