import json

import pytest

from graphengine.graph import document

from .serving import SAY, play, workflow

FIRST = document.save(document.from_json(SAY))
SECOND = document.save(document.from_json(workflow(say=("Say", {"text": "second"}))))
THIRD = document.save(document.from_json(workflow(say=("Say", {"text": "third"}))))


async def read(api, path, status=200):
    async with api.client.get(f"/api/v1{path}") as answer:
        assert answer.status == status
        return await answer.read(), answer.headers.get("ETag")


def test_a_document_is_kept_to_the_byte_and_its_version_is_the_etag(home):
    async def act(api):
        saved = await api.ask("PUT", "/documents/mine/first%20one", data=FIRST)
        assert saved["name"] == "mine/first one"
        assert await read(api, "/documents/mine/first%20one") == (FIRST, f'"{saved["version"]}"')
        again = await api.ask("PUT", f"/documents/mine/first%20one?based_on={saved['version']}", data=FIRST)
        assert again == saved
        listed = (await api.get("/documents"))["documents"]
        assert [(one["name"], one["version"], one["bytes"], one["draft"]) for one in listed] == [
            ("mine/first one", saved["version"], len(FIRST), False)
        ]
        assert (await api.get("/documents?folder=other"))["documents"] == []
        assert len((await api.get("/documents?folder=mine"))["documents"]) == 1

    play(home, act)


def test_who_has_a_version_of_a_document_gets_it_not_again(home):
    async def asked(api, condition, path="/documents/a"):
        async with api.client.get(f"/api/v1{path}", headers={"If-None-Match": condition}) as answer:
            return answer.status, await answer.read(), answer.headers["ETag"]

    async def act(api):
        first = (await api.ask("PUT", "/documents/a", data=FIRST))["version"]
        tag = f'"{first}"'
        for same in (tag, f"W/{tag}", f'"x", {tag}', "*"):
            assert await asked(api, same) == (304, b"", tag)
        for other in ('"x"', f'"{first}0"', str(first), ""):
            assert await asked(api, other) == (200, FIRST, tag)
        second = (await api.ask("PUT", "/documents/a", data=SECOND, headers={"If-Match": tag}))["version"]
        assert await asked(api, tag) == (200, SECOND, f'"{second}"')
        assert await asked(api, tag, f"/documents/a?version={first}") == (304, b"", tag)
        await api.get("/documents/none", 404, headers={"If-None-Match": "*"})

    play(home, act)


def test_a_save_based_on_another_version_than_the_last_is_refused_and_says_which_is_there(home):
    async def act(api):
        first = (await api.ask("PUT", "/documents/a", data=FIRST))["version"]
        second = (await api.ask("PUT", "/documents/a", data=SECOND, headers={"If-Match": f'"{first}"'}))["version"]
        for headers, query in (({"If-Match": f'"{first}"'}, ""), ({}, f"?based_on={first}"), ({}, "")):
            refused = await api.ask("PUT", f"/documents/a{query}", 409, data=THIRD, headers=headers)
            assert refused["error"]["current"] == second
        assert await read(api, "/documents/a") == (SECOND, f'"{second}"')
        for bad in ("*", '"x"', '"1", "2"', str(second), f'{second}, "{second}"'):
            await api.ask("PUT", "/documents/a", 400, data=THIRD, headers={"If-Match": bad})

    play(home, act)


def test_a_draft_is_kept_beside_the_document_until_it_is_saved_or_dropped(home):
    async def act(api):
        version = (await api.ask("PUT", "/documents/a", data=FIRST))["version"]
        await api.get("/drafts/a", 404)
        await api.ask("PUT", f"/drafts/a?based_on={version}", 204, data=SECOND)
        draft = await api.get("/drafts/a")
        assert (draft["document"], draft["based_on"]) == (json.loads(SECOND), version)
        assert (await read(api, "/documents/a"))[0] == FIRST
        assert (await api.get("/documents"))["documents"][0]["draft"]
        await api.ask("DELETE", "/drafts/a", 204)
        await api.get("/drafts/a", 404)
        await api.ask("PUT", "/drafts/new", 204, data=b'{"half": "done"}')
        assert [one["version"] for one in (await api.get("/documents"))["documents"]] == [version, None]
        await api.ask("PUT", "/documents/new", data=SECOND)
        await api.get("/drafts/new", 404)

    play(home, act)


def test_two_editors_do_not_write_over_each_others_draft_unseen(home):
    async def tag_of(api):
        return (await read(api, "/drafts/a"))[1]

    async def act(api):
        none = {"If-None-Match": "*"}
        await api.ask("PUT", "/drafts/a", 204, data=FIRST, headers=none)
        first = await tag_of(api)
        refused = await api.ask("PUT", "/drafts/a", 409, data=SECOND, headers=none)
        assert refused["error"]["code"] == "conflict"
        async with api.client.put("/api/v1/drafts/a", json=json.loads(SECOND), headers={"If-Match": first}) as answer:
            assert answer.status == 204 and answer.headers["ETag"] == await tag_of(api) != first
        for method in ("PUT", "DELETE"):
            options = {"data": THIRD} if method == "PUT" else {}
            await api.ask(method, "/drafts/a", 409, headers={"If-Match": first}, **options)
        assert (await api.get("/drafts/a"))["document"] == json.loads(SECOND)
        await api.ask("DELETE", "/drafts/a", 204, headers={"If-Match": f"{first}, {await tag_of(api)}"})
        await api.ask("PUT", "/drafts/a", 204, data=FIRST, headers={"If-Match": first})  # of none that is there
        for unread in ("bare", f"bare, {first}", ""):
            await api.ask("DELETE", "/drafts/a", 400, headers={"If-Match": unread})
        for any_one in ({}, {"If-Match": "*"}):
            await api.ask("PUT", "/drafts/a", 204, data=THIRD, headers=any_one)

    play(home, act)


def test_all_who_listen_hear_what_becomes_of_documents(home):
    async def act(api):
        heard = api.service.hub.subscribe(kinds=("draft", "saved", "renamed", "removed", "named"))
        await api.ask("PUT", "/drafts/a//b", 204, data=FIRST)
        tag = (await read(api, "/drafts/a/b"))[1].strip('"')
        first = (await api.ask("PUT", "/documents/a/b", data=FIRST))["version"]
        second = (await api.ask("PUT", f"/documents/a/b?based_on={first}", data=SECOND))["version"]
        third = (await api.post("/documents/restore", json={"name": "a/b", "version": first}))["version"]
        await api.ask("PUT", "/documents/a/b", 409, data=THIRD)
        for version, status in ((first, 204), (99, 404)):
            call = {"name": "a//b", "version": version, "called": " the first "}
            await api.ask("POST", "/documents/name", status, json=call)
        await api.ask("POST", "/documents/rename", 204, json={"name": "a//b", "new": "c//d"})
        await api.ask("DELETE", "/documents/c/d", 204)
        back = (await api.post("/documents/undelete", json={"name": "c/d"}))["version"]
        events = []
        while len(events) < 8:
            events += [(one.kind, one.data) for one in await anext(heard)]
        assert events == [
            ("draft", {"name": "a/b", "tag": tag}),
            *(("saved", {"name": "a/b", "version": version}) for version in (first, second, third)),
            ("named", {"name": "a/b", "version": first, "called": "the first"}),
            ("renamed", {"name": "a/b", "new": "c/d"}),
            ("removed", {"name": "c/d"}),
            ("saved", {"name": "c/d", "version": back}),
        ]

    play(home, act)


def test_old_versions_are_listed_read_and_restored(home):
    async def act(api):
        first = (await api.ask("PUT", "/documents/a", data=FIRST))["version"]
        second = (await api.ask("PUT", f"/documents/a?based_on={first}", data=SECOND))["version"]
        versions = (await api.get("/history/a"))["versions"]
        assert [(one["version"], one["bytes"]) for one in versions] == [(second, len(SECOND)), (first, len(FIRST))]
        assert await read(api, f"/documents/a?version={first}") == (FIRST, f'"{first}"')
        restored = await api.post("/documents/restore", json={"name": "a", "version": first})
        assert restored["version"] > second and (await read(api, "/documents/a"))[0] == FIRST
        await api.post("/documents/restore", 404, json={"name": "a", "version": 10**6})

    play(home, act)


def test_versions_get_names(home):
    async def act(api):
        first = (await api.ask("PUT", "/documents/a", data=FIRST))["version"]
        await api.ask("PUT", f"/documents/a?based_on={first}", data=SECOND)
        asked = {"name": "a", "version": first, "called": "before"}
        await api.post("/documents/name", 204, json=asked)
        assert [one["name"] for one in (await api.get("/history/a"))["versions"]] == ["", "before"]
        await api.post("/documents/name", 404, json={**asked, "version": 10**6})
        await api.post("/documents/name", 404, json={**asked, "name": "never"})
        for wrong in ({"called": "x" * 201}, {"called": None}, {"version": -1}, {"version": 2**63}, {"more": 1}):
            await api.post("/documents/name", 400, json={**asked, **wrong})
        for odd in ("\ud800", "\0", "\u202e"):
            async with api.client.post("/api/v1/documents/name", json={**asked, "called": odd}) as answer:
                assert answer.status in (204, 400)
        assert len((await api.get("/history/a"))["versions"]) == 2
        await api.post("/documents/name", 204, json={**asked, "called": ""})
        assert [one["name"] for one in (await api.get("/history/a"))["versions"]] == ["", ""]

    play(home, act)


def test_documents_are_renamed_deleted_and_brought_back(home):
    async def act(api):
        await api.ask("PUT", "/documents/a", data=FIRST)
        await api.ask("PUT", "/documents/b", data=SECOND)
        await api.post("/documents/rename", 409, json={"name": "a", "new": "b"})
        await api.post("/documents/rename", 204, json={"name": "a", "new": "folder/c"})
        await read(api, "/documents/a", 404)
        await api.ask("DELETE", "/documents/folder/c", 204)
        await read(api, "/documents/folder/c", 404)
        assert (await api.post("/documents/undelete", json={"name": "folder/c"}))["version"] > 0
        assert (await read(api, "/documents/folder/c"))[0] == FIRST
        await api.ask("DELETE", "/documents/folder/c", 204)
        await api.ask("PUT", "/drafts/folder/c", 204, data=SECOND)  # a page that had it open keeps what is unsaved
        await api.post("/documents/undelete", json={"name": "folder/c"})
        assert (await api.get("/drafts/folder/c"))["document"] == json.loads(SECOND)
        await api.ask("PUT", "/documents/folder/d", data=FIRST)
        await api.ask("DELETE", "/documents/folder/d", 204)
        await api.ask("PUT", "/documents/folder/d", data=SECOND)
        await api.post("/documents/undelete", 409, json={"name": "folder/d"})
        await api.post("/documents/undelete", 404, json={"name": "never"})
        await api.ask("DELETE", "/documents/never", 404)
        await api.get("/history/never", 404)
        await api.post("/documents/rename", 404, json={"name": "never", "new": "x"})

    play(home, act)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"{", "document"),
        (b"[]", "document"),
        (b'{"a": NaN}', "document"),
        (b'{"graphengine": 1, "nodes": []}', "document"),
        (b'{"graphengine": 1, "x": ' + b"[" * 80 + b"]" * 80 + b"}", "document"),
        (b"\xff", "document"),
    ],
)
def test_what_is_no_workflow_is_not_saved(home, data, code):
    async def act(api):
        assert (await api.ask("PUT", "/documents/a", 400, data=data))["error"]["code"] == code
        assert (await api.get("/documents"))["documents"] == []

    play(home, act)


@pytest.mark.parametrize("name", ["..%2Fx", "a/..%2F..%2Fb", "%00", "a%5C..%5Cb", "C:x", "x" * 2000])
def test_names_that_are_none_are_refused(home, name):
    async def act(api):
        for method, path in (("GET", "documents"), ("PUT", "documents"), ("PUT", "drafts"), ("GET", "history")):
            options = {"data": FIRST} if method == "PUT" else {}
            await api.ask(method, f"/{path}/{name}", 400, **options)

    play(home, act)
