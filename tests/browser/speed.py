"""How fast the grid is in a browser: milliseconds until a page stands, and until an answer is painted.

    python -m tests.browser.speed [ROWS ...]

Each line tells the median and, in brackets, the fastest. A key that costs nothing takes two frames, about 33 ms.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from playwright.sync_api import expect, sync_playwright

from decision_tables.rulebook import document_of
from tests.browser.conftest import ARGUMENTS, CHROMIUM, Serving, signed_in
from tests.browser.licences import licences
from tests.browser.test_grid import Grid, begun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playwright.sync_api import Page

    from service.store import Store

ROWS: Final = (2_000, 5_000)
TIMES: Final = 20
KEYS: Final = """async ([key, times, how]) => {
    const painted = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
    const took = [];
    for (let n = 0; n < times; n++) {
        const began = performance.now(), options = {key, bubbles: true, cancelable: true, ...how};
        document.activeElement.dispatchEvent(new KeyboardEvent("keydown", options));
        await painted();
        took.push(performance.now() - began);
    }
    return took;
}"""
PASTES: Final = """async text => {
    const painted = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
    const clipboardData = new DataTransfer(), began = performance.now();
    clipboardData.setData("text/plain", text);
    document.dispatchEvent(new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true}));
    await painted();
    return performance.now() - began;
}"""
BLOCK: Final = "\n".join(['"BE"\t>= 21\t-\t< 250000\ttrue\t-'] * 200)


def told(what: str, took: Sequence[float]) -> None:
    """One line of the report."""
    sys.stdout.write(f"  {what:<28}{statistics.median(took):7.0f} ({min(took):.0f})\n")
    sys.stdout.flush()


def measured(page: Page, rows: int) -> None:
    """Measures a table of so many rows."""
    table = begun(page, f"licences-{rows}") + "/tables/licence"
    loads = []
    for _ in range(5):
        grid = Grid(page, table)
        loads.append(page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd"))
    sys.stdout.write(f"{rows} rows of 8 columns and notes, ms:\n")
    told("load", loads)
    grid.cell("R1", 0).click()
    page.mouse.move(1, 1)
    for key, how in (
        ("ArrowDown", {}),
        ("ArrowRight", {}),
        ("ArrowDown", {"shiftKey": True}),
        ("PageDown", {}),
    ):
        told("Shift + " * bool(how) + key, page.evaluate(KEYS, [key, TIMES, how]))
    pasted = []
    for _ in range(3):
        grid.cell("R1", 0).click()
        pasted.append(page.evaluate(PASTES, BLOCK))
        expect(page.locator("#saved")).to_have_text("All changes saved")
        page.keyboard.press("Control+Z")
        expect(page.locator("#saved")).to_have_text("All changes saved")
    told("paste of 200 by 6 cells", pasted)


def main() -> int:
    """Measures tables of the lengths that are named, or of all."""
    lengths = [int(one) for one in sys.argv[1:]] or ROWS
    if CHROMIUM is None:
        sys.stdout.write("no browser: apt-get install chromium, or set CHROMIUM to the path of one\n")
        return 2

    async def fill(store: Store) -> None:
        for rows in lengths:
            await store.load_release(document_of(licences(rows)), "system", "first")

    with (
        tempfile.TemporaryDirectory() as home,
        Serving(Path(home), fill) as site,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context: Any = browser.new_context(
            base_url=site.at, storage_state=signed_in(browser, site), viewport={"width": 1440, "height": 900}
        )
        for rows in lengths:
            measured(context.new_page(), rows)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
