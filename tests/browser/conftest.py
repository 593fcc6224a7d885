"""A real Chromium, headless. Where there is none, these tests are skipped, and the summary says so."""

import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from perennial import wiring
from tests.browser.site import Site, served
from tests.unit.pages.visits import ROOT, a_shop, page_content

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
BUILD = ROOT / "build" / "browser"
AXE = "axe-core@4.14.1"
"""Checks pages for accessibility (MPL-2.0). Fetched when it is first needed, and never part of the project."""

BRAND = {"accent": "#a8452c", "ink": "#2b2320", "paper": "#ffffff"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if CHROMIUM is None:
        for item in items:
            if "browser" in item.path.parts:
                item.add_marker(pytest.mark.skip(reason="there is no Chromium here: apt-get install chromium"))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: make check")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Ann's order of a kettle and a fridge, in a shop with everything a page can show."""
    support = {"email": "help@shop.example", "phone": "+44 20 7946 0000", "hours": "9-17", "url": "https://h.example"}
    content = page_content(brand=BRAND, support=support, bonus_points=200)
    shop = a_shop(content, contact={"email": "ann@example.com", "first_name": "Ann", "phone": "+447700900123"})
    monkeypatch.setattr(wiring, "for_serving", lambda: shop.serving)
    monkeypatch.setattr(wiring, "_clock", lambda: shop.world.now)
    with served(shop) as found:
        yield found


@dataclass
class Visitor:
    """One person's browser. `complaints` are what its console said: refusals of the policy stand there too."""

    page: Any
    complaints: list[str] = field(default_factory=list)

    def open(self, url: str) -> "Visitor":
        self.page.goto(url)
        return self

    def press(self, *keys: str) -> "Visitor":
        for key in keys:
            self.page.keyboard.press(key)
        return self

    def submit(self) -> "Visitor":
        """The Enter key on a button, and the page that comes of it."""
        with self.page.expect_navigation():
            self.press("Enter")
        return self

    def type(self, text: str) -> "Visitor":
        self.page.keyboard.type(text)
        return self

    @property
    def heading(self) -> str:
        return str(self.page.locator("h1").inner_text())

    def focused(self) -> dict[str, Any]:
        """What has the focus, and whether one can see that it has."""
        found: dict[str, Any] = self.page.evaluate(FOCUSED)
        return found

    def tab_to(self, selector: str, most: int = 60) -> "Visitor":
        """Only by the Tab key; everything on the way must show its focus."""
        for _ in range(most):
            self.press("Tab")
            focused = self.focused()
            assert focused["visible"], f"nothing shows that {focused['what']} has the focus"
            if self.page.evaluate("s => document.activeElement.matches(s)", selector):
                return self
        raise AssertionError(f"the Tab key never reaches {selector}")


FOCUSED = """() => {
  const held = document.activeElement
  const shown = held.matches('.scale input, .stars input') ? held.nextElementSibling : held
  const style = getComputedStyle(shown)
  const visible = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
  return {what: held.outerHTML.slice(0, 80), visible}
}"""


@pytest.fixture
def visitor(chromium: Any) -> Iterator[Any]:
    """Makes visitors: `visitor(width=320)`. Their browsers run no scripts."""
    opened = []

    def make(
        width: int = 1280, scheme: str = "light", locale: str = "en-GB", scripts: bool = False, **how: Any
    ) -> Visitor:
        context = chromium.new_context(
            viewport={"width": width, "height": 800},
            color_scheme=scheme,
            locale=locale,
            java_script_enabled=scripts,
            **how,
        )
        opened.append(context)
        found = Visitor(context.new_page())
        found.page.on("console", lambda message: found.complaints.append(message.text))
        found.page.on("pageerror", lambda error: found.complaints.append(str(error)))
        found.page.on("requestfailed", lambda request: found.complaints.append(f"failed: {request.url}"))
        return found

    yield make
    for context in opened:
        context.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core."""
    script = BUILD / "axe.min.js"
    if not script.exists():
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip("axe-core is fetched by npm, and there is none here")
        script.parent.mkdir(parents=True, exist_ok=True)
        packed = subprocess.run([npm, "pack", AXE], cwd=BUILD, capture_output=True, text=True, check=False, timeout=120)
        archive = BUILD / (packed.stdout.strip().splitlines() or ["missing"])[-1]
        if packed.returncode != 0 or not archive.exists():
            pytest.skip(f"{AXE} cannot be fetched here")
        _unpack(archive, script)
    return script.read_text(encoding="utf-8")


def _unpack(archive: Path, script: Path) -> None:
    with tarfile.open(archive) as packed:
        member = packed.extractfile("package/axe.min.js")
        assert member is not None
        script.write_bytes(member.read())
