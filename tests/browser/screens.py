"""Pictures of the pages, from the running product with the telecom rulebook.

    python -m tests.browser.screens                 what docs/authoring.md and docs/screens.md show, into docs/screens
    python -m tests.browser.screens --all FOLDER    every page whole, to be looked at

Every page is taken light and dark, 1440 and 360 pixels wide; docs/screens.md is written anew.

Whatever a page writes to its console, and what it lets run out of a narrow window, is told: exit code 1.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from base64 import b64decode, b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from playwright.sync_api import sync_playwright

from admin.forms import asked_with
from decision_tables.rulebook import document_of
from tests.browser.conftest import ARGUMENTS, CHROMIUM, Serving, signed_in
from tests.packs import telecom, telecom_program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from service.store import Store

ROOT: Final = Path(__file__).parents[2]


def skype() -> str:
    """The first case of the rulebook, Skype in Belgium in 2012, as the address of a page tells it."""
    program = telecom_program()
    case = program.rulebook.cases[0]
    return urlencode({"as_of": case.as_of, **asked_with(program.vocabulary, case.facts)})


OF_A_DRAFT: Final = {
    "tables": "",
    "table": "tables/criminal_addressee",
    "row": "rule?table=criminal_addressee&rule=C07",
    "columns": "columns?table=criminal_addressee",
    "column": "column?table=criminal_addressee&column=data_kind",
    "document": "document?table=criminal_addressee",
    "beside": "beside?table=criminal_addressee&rule=C03&rule=C04b",
    "changes": "changes",
    "comments": "tables/criminal_addressee?rule=C07&comments=1",
    "new-table": "table/new",
    "new-formula": "formula/new",
    "new-function": "function/new",
    "copy": "table/copy?table=criminal_addressee",
    "key": "node/key?node=criminal_addressee",
    "delete-table": "node/delete?node=criminal_addressee",
    "query": "query?query=classification",
    "service": "service",
    "properties": "properties",
    "facts": "facts",
    "fact": "fact?fact=service_class",
    "rename": "fact/rename?fact=service_class&name=class_of_service",
    "delete-fact": "fact/delete?fact=service_class",
    "type": "type",
    "findings": "findings",
    "map": "map",
    "try": "try?{case}",
    "why": "why?{case}",
    "cases": "cases",
    "tests": "tests",
    "faults": "tests/criminal_addressee?faults=1",
    "problems": "problems",
    "compare": "compare",
    "review": "review",
    "publish": "publish",
}
OTHERS: Final = {
    "rulebooks": "",
    "new-rulebook": "new",
    "rulebook": "rulebooks/telecom",
    "history": "rulebooks/telecom/history",
    "import": "rulebooks/telecom/import",
    "decisions": "decisions",
    "audit": "audit",
    "accounts": "accounts",
    "keys": "keys",
}
SHOWN: Final = (
    *("rulebook", "new-table", "table", "facts", "findings", "tests", "try", "why", "map"),
    *("compare", "review", "publish", "history"),
)
"""The pages that docs/authoring.md shows."""
SIZES: Final = {1440: 900, 360: 740}
MANNERS: Final = tuple((width, scheme) for width in SIZES for scheme in ("light", "dark"))
GALLERY: Final = ROOT / "docs" / "screens.md"
INTRODUCTION: Final = """# Every page

Taken by `make screens` from the running product with the telecom rulebook: light and dark, 1440 and 360 pixels wide.
[Authoring](authoring.md) tells what one does there.
"""
SMALLER: Final = """async png => {
    const image = await createImageBitmap(await (await fetch("data:image/png;base64," + png)).blob());
    const scale = image.width > 1000 ? 0.75 : 1;
    const canvas = new OffscreenCanvas(image.width * scale, image.height * scale), drawing = canvas.getContext("2d");
    drawing.imageSmoothingQuality = "high";
    drawing.drawImage(image, 0, 0, canvas.width, canvas.height);
    const bytes = new Uint8Array(await (await canvas.convertToBlob({type: "image/webp", quality: 0.6})).arrayBuffer());
    let text = "";
    for (const byte of bytes) text += String.fromCharCode(byte);
    return btoa(text);
}"""
"""A picture in a fifth of its bytes, by the browser that took it; wide ones are drawn smaller."""


class Site(Serving):
    """The application with the telecom rulebook and a draft in which a rule was taken out."""

    def __init__(self, folder: Path) -> None:
        self.draft = ""

        async def fill(store: Store) -> None:
            book = telecom()
            await store.load_release(
                document_of(book), "system", "The rulebook as it comes with the product."
            )
            document = document_of(book)
            table = next(one for one in document["tables"] if one["key"] == "criminal_addressee")
            table["rules"] = [rule for rule in table["rules"] if rule["id"] != "C06"]
            table["rules"][1]["citation"] += "; Cass. 19 February 2019"
            draft = await store.create_draft("telecom", "editor", title="Software is no service")
            await store.save_draft(
                draft.id,
                document=document,
                seen_revision=draft.revision,
                actor="editor",
                action="rows/edited",
                detail={},
            )
            self.draft = f"rulebooks/telecom/drafts/{draft.id}"

        super().__init__(folder, fill)

    def pages(self) -> Iterator[tuple[str, str]]:
        """The name of each page, and its address."""
        case = skype()
        for name, path in OF_A_DRAFT.items():
            yield name, f"{self.at}{self.draft}/{path.format(case=case)}".rstrip("/")
        for name, path in OTHERS.items():
            yield name, self.at + path


def picture(name: str, width: int, scheme: str) -> Path:
    """Where the documents have the picture of a page."""
    if name in SHOWN and (width, scheme) == MANNERS[0]:
        return Path("screens") / f"{name}.png"
    return Path("screens") / "all" / f"{name}-{width}-{scheme}.webp"


def gallery() -> str:
    """The page that shows every page in every manner."""
    parts = [INTRODUCTION]
    for name in (*OTHERS, *OF_A_DRAFT):
        said = name.replace("-", " ")
        lines = [f"\n## {said.capitalize()}\n\n"]
        for width, scheme in MANNERS:
            file, drawn = picture(name, width, scheme).as_posix(), 390 if width > min(SIZES) else 170
            lines.append(f'<img src="{file}" width="{drawn}" alt="{said}, {scheme}, {width} px">\n')
        parts += lines
    return "".join(parts)


def taken(page: Page, name: str, address: str, file: Path, *, whole: bool) -> list[str]:
    """Takes a picture; what is wrong with the page."""
    wrong: list[str] = []
    page.on(
        "console",
        lambda message: wrong.append(message.text) if message.type in {"error", "warning"} else None,
    )
    page.on("pageerror", lambda error: wrong.append(str(error)))
    answer = page.goto(address, wait_until="networkidle")
    if answer is None or not answer.ok:
        wrong.append(f"{address}: {answer.status if answer else 'no answer'}")
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if over > 0:
        wrong.append(f"runs {over} pixels out of the window")
    shot = page.screenshot(full_page=whole)
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.suffix == ".webp":
        page.goto("about:blank")
        shot = b64decode(page.evaluate(SMALLER, b64encode(shot).decode()))
    file.write_bytes(shot)
    return [f"{name}: {' '.join(one.split())}" for one in wrong]


def main() -> int:
    """Takes the pictures."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument(
        "--all", metavar="FOLDER", type=Path, help="every page in every manner, to be looked at"
    )
    options.add_argument("--only", help="pages whose names match this pattern")
    given = options.parse_args()
    if CHROMIUM is None:
        sys.stdout.write("no browser: apt-get install chromium, or set CHROMIUM to the path of one\n")
        return 2
    if given.all is None:
        GALLERY.write_text(gallery(), encoding="utf-8")
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as home, Site(Path(home)) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        state = signed_in(browser, site)
        for width, scheme in MANNERS:
            context: Any = browser.new_context(
                storage_state=state,
                viewport={"width": width, "height": SIZES[width]},
                color_scheme=scheme,  # type: ignore[arg-type]
                reduced_motion="reduce",
            )
            for name, address in site.pages():
                if given.only and not re.search(given.only, name):
                    continue
                page = context.new_page()
                file = GALLERY.parent / picture(name, width, scheme)
                if given.all is not None:
                    file = given.all / f"{name}-{width}-{scheme}.png"
                wrong += taken(page, f"{name} {width} {scheme}", address, file, whole=given.all is not None)
                page.close()
            context.close()
        browser.close()
    sys.stdout.write("".join(f"{one}\n" for one in wrong))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
