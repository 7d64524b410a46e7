"""What packs bring for the editor: that, and nothing else, is served."""

import pytest
from aiohttp import ClientSession
from yarl import URL

from .serving import play


def test_a_kind_names_the_module_of_its_widget_and_the_module_is_served_under_the_pages_policy(home):
    async def act(api):
        (port,) = (await api.get("/nodes/LoadImage"))["inputs"]
        widget = port["widget"]
        assert (widget["pack"], widget["name"]) == ("image", "paint_mask")
        page = await api.client.get("/")
        async with api.client.get(widget["module"]) as answer:
            assert answer.status == 200 and answer.content_type == "text/javascript"
            assert answer.headers["Content-Security-Policy"] == page.headers["Content-Security-Policy"]
            assert answer.headers["Cache-Control"] == "no-cache"
            assert "paint_mask" in await answer.text()
        async with api.client.get(widget["module"], headers={"If-None-Match": answer.headers["ETag"]}) as again:
            assert again.status == 304

    play(home, act)


ATTACKS = [
    "image/web/../load.py", "image/web/..%2fload.py", "image/web/%2e%2e/load.py", "image/web/%2e%2e%2fload.py",
    "image/web/..%5cload.py", "image/web//etc/passwd", "image/web/%2fetc%2fpasswd", "image/web/C:%5Cwindows",
    "image/web/paint_mask.js%00.png", "image/web/load.py", "image/web/../pack.toml", "image/web/.", "image/web",
    "image/load.py", "..%2fimage/web/paint_mask.js", "acts/web/acts.py", "acts/web/..%2facts.py", "none/web/x.js",
]  # fmt: skip


@pytest.mark.parametrize("path", ATTACKS)
def test_nothing_outside_of_the_declared_folder_and_of_no_undeclared_pack_is_served(home, path):
    async def act(api):
        url = URL(f"{api.client.make_url('/api/v1/packs/')}{path}", encoded=True)
        async with ClientSession() as session, session.get(url) as answer:
            assert answer.status in (400, 404), await answer.text()
            assert "import" not in await answer.text()

    play(home, act)
