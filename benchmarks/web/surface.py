"""The editor's surface with many nodes: opening, and script per step of panning and dragging, in headless Chromium.

    python -m benchmarks.web.surface [nodes]

Times are those of the page's main thread (thread time), so that other work on the machine hardly counts.
"""

import shutil
import sys

from playwright.sync_api import Page, sync_playwright

from tests.web.surface.metering import Meter, steps
from tests.web.surface.serving import served

GOALS = {"pan, all in view": 10, "drag": 10, "pan at 100 %": 5}


def measure(page: Page, address: str, nodes: int) -> None:
    page.goto("about:blank")
    meter = Meter(page)
    page.goto(f"{address}?nodes={nodes}")
    page.wait_for_selector("[data-ready]")
    page.wait_for_timeout(500)
    script, task = meter.read()
    clock = page.evaluate("window.ready")
    print(f"{'open':<20} {script:8.0f} ms script  {task:8.0f} ms in all  {clock:8.0f} ms by the clock")
    box = page.locator(".node").first.bounding_box()
    assert box
    figures = {
        "pan, all in view": steps(page, meter, (20, 60)),
        "drag": steps(page, meter, (box["x"] + box["width"] / 2, box["y"] + 3)),
    }
    page.evaluate("surface.view.set({x: 0, y: 0, zoom: 1})")
    page.wait_for_timeout(300)
    figures["pan at 100 %"] = steps(page, meter, (300, 300))
    for name, (script, task) in figures.items():
        print(f"{name:<20} {script:8.2f} ms script  {task:8.2f} ms in all  (goal {GOALS[name]} ms of script)")
    elements = page.evaluate("document.querySelectorAll('*').length")
    print(f"{'elements near':<20} {elements:8d}")


def main() -> None:
    nodes = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with served() as address, sync_playwright() as started:
        browser = started.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1600, "height": 900})
        print(f"{nodes} nodes, 5 inputs each")
        measure(page, address, nodes)
        browser.close()


if __name__ == "__main__":
    main()
