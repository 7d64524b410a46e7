"""Write the list of modules into ``web/index.html``, so that a browser asks for all at once.

    python tools/preload_web.py

The list is what ``js/main.js`` imports, directly or through others, each below ``/assets/dev/``.
"""

import re
from pathlib import Path

WEB = Path(__file__).parents[1] / "web"
IMPORT = re.compile(r'^(?:import|export)\b[^"\';]*?from\s*"(\.[^"]+)"|^import\s*"(\.[^"]+)"', re.MULTILINE)
LINK = '<link rel="modulepreload" href="/assets/dev/{path}">'
LINKS = re.compile(r'(?:<link rel="modulepreload" href="[^"]*">\n)*(?=<script type="module")')


def modules(web: Path = WEB) -> list[str]:
    """Paths of all modules that the page imports at once, by name."""
    found: set[Path] = set()
    waiting = [web / "js" / "main.js"]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        for pair in IMPORT.findall(path.read_text(encoding="utf-8")):
            waiting.append((path.parent / (pair[0] or pair[1])).resolve())
    return sorted(path.relative_to(web.resolve()).as_posix() for path in (one.resolve() for one in found))


def page(web: Path = WEB) -> str:
    """``index.html`` with the present list."""
    links = "".join(LINK.format(path=path) + "\n" for path in modules(web))
    return LINKS.sub(lambda _: links, (web / "index.html").read_text(encoding="utf-8"), count=1)


if __name__ == "__main__":
    (WEB / "index.html").write_text(page(), encoding="utf-8")
