"""No route installs, evaluates or imports code: neither by its own words, nor by what it lets clients write."""

import ast
from pathlib import Path

from graphengine.compat.comfyui_server.folders import roots, user_folder
from graphengine.server.api.files import folders
from graphengine.settings import Settings

SOURCE = Path(__file__).parents[2] / "graphengine"
EVALUATING = {
    "eval", "exec", "compile", "__import__", "os.system", "os.popen", "os.startfile", "importlib.import_module",
    "asyncio.create_subprocess_shell",
}  # fmt: skip
LOADING = {
    "code", "codeop", "ctypes", "ensurepip", "importlib", "marshal", "pickle", "pip", "pkgutil", "runpy", "shelve",
    "subprocess", "venv", "zipimport",
}  # fmt: skip
ALLOWED = {("server/indexing.py", "asyncio.create_subprocess_exec")}  # our own command, which clients give nothing to
FOLDERS = ("server", "compat/comfyui_server")


def words(path):
    """What a module calls and imports, by its dotted names."""
    for step in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(step, ast.Import):
            yield from (alias.name for alias in step.names)
        elif isinstance(step, ast.ImportFrom):
            yield step.module or "."
        elif isinstance(step, ast.Call):
            yield ast.unparse(step.func)


def forbidden(word):
    starts = word.rpartition(".")[2].startswith(("spawn", "create_subprocess"))
    return word in EVALUATING or starts or (word.split(".")[0] in LOADING and not word.startswith("importlib.metadata"))


def test_the_server_has_no_words_for_it():
    files = [path for folder in FOLDERS for path in (SOURCE / folder).rglob("*.py")]
    found = {(path.relative_to(SOURCE).as_posix(), word) for path in files for word in words(path) if forbidden(word)}
    assert found == ALLOWED


def test_what_clients_write_lies_where_no_code_is_loaded_from(tmp_path):
    settings = Settings(home=tmp_path)
    written = [*folders(settings).values(), *roots(settings).values(), user_folder(settings), settings.thumbnail_folder]
    for loaded in (*settings.pack_folders, tmp_path / "models"):
        for folder in written:
            assert not folder.is_relative_to(loaded) and not loaded.is_relative_to(folder), (folder, loaded)
