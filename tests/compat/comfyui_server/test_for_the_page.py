"""What packs give to ComfyUI's page, and who tries to get more."""

import json
import logging

from tests.compat.comfyui_server.scripts import play
from tests.compat.comfyui_server.test_files import raw


def test_scripts_of_packs_are_listed_and_served_under_the_pages_policy(dressed):
    async def act(script):
        scripts = await script.get("/api/extensions")
        assert scripts[:2] == ["/extensions/dressed/link.js", "/extensions/dressed/talk.js"]
        assert "/extensions/graphengine/missing_kinds.js" in scripts
        async with script.session.get("/extensions/dressed/talk.js") as answer:
            assert answer.content_type == "text/javascript" and "dressed" in await answer.text()
            assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
            assert answer.headers["Cache-Control"] == "no-cache"
        assert b"registerExtension" in await script.get("/extensions/graphengine/missing_kinds.js")

    play(dressed, act)


def test_nothing_but_a_packs_folder_for_the_page_is_served(dressed):
    async def act(script):
        for name in ("..%2fpack.toml", "../talk.py", "..%5csecret.txt", "..%2fsecret.json", "link.js", "%2fetc"):
            for place in (f"/extensions/dressed/{name}", f"/api/workflow_templates/dressed/{name}"):
                status, body = await raw(script, "GET", place)
                assert status == 404 and b"hidden" not in body, place
        assert (await raw(script, "GET", "/extensions/acts/acts.py"))[0] == 404

    play(dressed, act)


def test_help_is_the_packs_own_or_made_of_the_spec(dressed):
    async def act(script):
        assert await script.get("/extensions/dressed/docs/dressed/Talk/en.md") == b"# How to talk\n"
        made = (await script.get("/extensions/acts/docs/acts/Work.md")).decode()
        assert "Take steps" in made and "| `seconds` | FLOAT | usually `0.1` |" in made
        sampler = (await script.get("/docs/KSampler/fr.md")).decode()
        assert "| `steps` | INT | from 1 to 10000; usually `20` |" in sampler and "`euler`" in sampler
        for name in ("Nobody/en.md", "KSampler", "KSampler.txt"):
            await script.get(f"/docs/{name}", 404)

    play(dressed, act)


def test_translations_of_packs_are_merged_and_a_broken_file_costs_only_itself(dressed, caplog):
    async def act(script):
        return await script.get("/api/i18n")

    with caplog.at_level(logging.WARNING):
        found = play(dressed, act)
    named = {"dressed/Talk": {"display_name": "Talk!"}}
    assert found == {"en": {"a": {"b": "c"}, "nodeDefs": named, "commands": {}, "settings": {}}}
    assert "commands.json cannot be read" in caplog.text


def test_examples_come_as_the_page_keeps_graphs(dressed):
    async def act(script):
        listed = await script.get("/api/workflow_templates")
        assert listed["dressed"] == ["mine"] and "text_to_image" in listed["graphengine"]
        assert await script.get("/templates/index.json") == await script.get("/templates/index.de.json") == []
        kinds = {node["type"] for node in (await script.get("/api/workflow_templates/dressed/mine.json"))["nodes"]}
        assert {"KSampler", "LoraLoader"} <= kinds
        for name in listed["graphengine"]:
            graph = await script.get(f"/api/workflow_templates/graphengine/{name}.json")
            assert len(graph["nodes"]) > 3 and json.dumps(graph)
        await script.get("/api/workflow_templates/nobody/mine.json", 404)
        await script.get("/api/workflow_templates/dressed/none.json", 404)

    play(dressed, act)
