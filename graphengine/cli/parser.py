"""The commands and their options; importing this costs next to nothing, each command is imported when it is called."""

import argparse
import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import graphengine

WORKFLOW = "a workflow: our format, ComfyUI's API or editor format, or a picture (of A1111 too) that has one"


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands; ``options.command(options)`` calls the chosen one."""
    parser = argparse.ArgumentParser(prog="graphengine", description=graphengine.__doc__)
    parser.add_argument("--version", action="version", version=f"graphengine {graphengine.__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    run = _command(commands, "run", "run a workflow and print the files it made", "run:run")
    run.add_argument("workflow", help=WORKFLOW)
    run.add_argument("--set", action="append", default=[], metavar="NODE.INPUT=VALUE", help="set a value; NODE is an "
                     "id, a title or a kind that occurs once; or NAME=VALUE for an input of the interface")  # fmt: skip
    run.add_argument("--target", action="append", metavar="NODE", help="run only to this node (repeatable)")
    run.add_argument("--output", type=Path, metavar="DIR", help="where to save (else HOME/output)")
    run.add_argument("--plan", action="store_true", help="show what would run, and run nothing")
    run.add_argument("--explain", action="store_true", help="say for each node why it runs")
    run.add_argument("--json", action="store_true", help="print the outcome as JSON")
    run.add_argument("--no-cache", action="store_true", help="neither read nor write the cache on disk")
    run.add_argument("--no-metadata", action="store_true", help="write no workflow into pictures")
    run.add_argument("--trace", action="store_true", help="show where in its code a faulty node failed")
    run.add_argument("--guard", action="store_true", help="prove that no node changes an input in place (slow)")
    _device_options(run)

    validate = _command(commands, "validate", "check a workflow; print every problem", "look:validate")
    validate.add_argument("workflow", help=WORKFLOW)
    validate.add_argument("--json", action="store_true", help="print the problems as JSON")

    nodes = _command(commands, "nodes", "list node kinds, or describe one", "look:nodes")
    nodes.add_argument("kind", nargs="?", help="the kind to describe")
    nodes.add_argument("--json", action="store_true", help="print specs as JSON")

    inspect = _command(commands, "inspect", "say what a checkpoint, LoRA, picture or workflow is", "look:inspect")
    inspect.add_argument("file", type=Path)
    inspect.add_argument("--json", action="store_true", help="print it as JSON")

    convert = _command(commands, "convert", "write a workflow in another format", "convert:convert")
    convert.add_argument("workflow", help=WORKFLOW)
    convert.add_argument("out", type=Path, help="the file to write")
    convert.add_argument("--format", choices=("graphengine", "api", "editor"), default="graphengine")
    convert.add_argument("--lock", action="store_true", help="record versions, and sizes and digests of model files")

    show = _command(commands, "show", "draw a workflow as SVG", "convert:show")
    show.add_argument("workflow", help=WORKFLOW)
    show.add_argument("-o", "--out", type=Path, help="the file to write (else stdout)")

    packs = _command(commands, "packs", "list packs and what is wrong with them", "look:packs")
    packs.add_argument("action", nargs="?", choices=("list", "check"), default="list")

    cache = _command(commands, "cache", "show the cache on disk, or clear it", "look:cache")
    cache.add_argument("--clear", action="store_true")

    _serve_command(commands)

    doctor = _command(commands, "doctor", "say what this machine and installation are like", "look:doctor")
    _device_options(doctor)
    return parser


def _command(commands: Any, name: str, help: str, function: str) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(name, help=help, description=help)
    command.set_defaults(command=_lazily(function))
    command.add_argument("--home", type=Path, metavar="DIR", help="holds models/, input/, output/, packs/, cache/ "
                         "(else GRAPHENGINE_HOME, else the user's data folder)")  # fmt: skip
    command.add_argument("--model-paths", type=Path, action="append", default=[], metavar="FILE",
                         help="an extra_model_paths.yaml of ComfyUI (repeatable)")  # fmt: skip
    command.add_argument(
        "--packs", type=Path, action="append", default=[], metavar="DIR", help="more packs", dest="pack_folders"
    )
    return command


def _serve_command(commands: Any) -> None:
    serve = _command(commands, "serve", "serve pages and programs over HTTP, until told to stop", "serve:serve")
    serve.add_argument("--listen", action="append", metavar="ADDRESS", help="where to listen (repeatable; else "
                       "127.0.0.1); beyond this machine a token is asked for")  # fmt: skip
    serve.add_argument("--port", type=int, default=8188)
    serve.add_argument("--token", action="store_true", help="ask for a token also on this machine")
    serve.add_argument("--new-token", action="store_true", help="make another token; the old one is no longer taken")
    serve.add_argument("--workers", type=int, metavar="N", help="processes that run workflows (else one for each "
                       "--device); they take the devices in turn")  # fmt: skip
    serve.add_argument("--frontend", type=Path, metavar="DIR", help="serve this built page instead of ours")
    serve.add_argument("--output", type=Path, metavar="DIR", help="where to save (else HOME/output)")
    serve.add_argument("--offline", action="store_true", help="fetch nothing from the network")
    serve.add_argument("--allow-host", action="append", default=[], metavar="NAME",
                       help="a name that leads here, such as studio.example (repeatable)")  # fmt: skip
    serve.add_argument("--allow-origin", action="append", default=[], metavar="URL",
                       help="another page that may work here, such as https://studio.example (repeatable)")  # fmt: skip
    serve.add_argument("--webhook", metavar="URL", help="told of every job that has ended")
    serve.add_argument("--webhook-host", action="append", default=[], metavar="NAME", help="webhooks may be there, "
                       "though it is not on the open internet (repeatable)")  # fmt: skip
    serve.add_argument("--webhook-secret-file", type=Path, metavar="FILE", help="holds what webhooks are signed with")
    serve.add_argument("--log-format", choices=("text", "json"), default="text", help="of the log on stderr")
    _retention_options(serve.add_argument_group("what is kept, of what is over; results stay"))
    serve.add_argument("--cache-memory", type=_bytes, metavar="SIZE", help="finished values that each worker keeps in "
                       "memory (else 2G)")  # fmt: skip
    serve.add_argument("--cache-disk", type=_bytes, metavar="SIZE", help="and all of them on the disk (else 10G)")
    _device_options(serve, device="append")


def _retention_options(group: Any) -> None:
    group.add_argument("--keep-jobs", type=int, metavar="N", help="jobs that have ended (else 20,000)")
    group.add_argument("--keep-days", type=float, metavar="DAYS", help="how long, since a job ended (else 365)")
    group.add_argument("--keep-database", type=_bytes, metavar="SIZE", help="of all rows (else 2G)")
    group.add_argument("--keep-thumbnails", type=_bytes, metavar="SIZE", help="else 512M")
    group.add_argument("--keep-temp", type=_bytes, metavar="SIZE", help="temporary files (else 4G), for a day")


def _device_options(command: argparse.ArgumentParser, device: str = "store") -> None:
    """Where and how models run; with ``device="append"`` several devices may be named."""
    default, more = ("auto", "") if device == "store" else (None, " (repeatable: a worker on each)")
    command.add_argument("--device", action=device, default=default, help=f"auto, cpu, cuda, cuda:1, mps, xpu{more}")
    command.add_argument("--precision", choices=("auto", "fp32", "bf16", "fp16"), default="auto")
    command.add_argument("--memory-budget", type=_bytes, metavar="SIZE", help="memory for models, such as 6G")
    command.add_argument("--compile", action="store_true", help="use torch.compile for denoisers")


def _bytes(text: str) -> int:
    """``6G`` and the like as bytes."""
    units = {"K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
    bare = text.strip().upper().removesuffix("B").removesuffix("I")
    try:
        return int(float(bare[:-1]) * units[bare[-1]]) if bare[-1:] in units else int(bare)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no size; write 6G or 800M") from None


def _lazily(function: str) -> Callable[[argparse.Namespace], int]:
    """The command ``module:function`` of this package, imported when it is called."""

    def call(options: argparse.Namespace) -> int:
        module, _, name = function.partition(":")
        return getattr(importlib.import_module(f"graphengine.cli.{module}"), name)(options)

    return call
