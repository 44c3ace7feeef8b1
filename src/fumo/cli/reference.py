"""The page docs/reference/commands.md, made of the program: `python -m fumo.cli.reference`."""

from collections.abc import Callable, Iterator

import click

from fumo.cli.group import COMMANDS, is_there, load

EVERYWHERE = ("data", "server", "token", "token_file", "ca", "cert", "key", "output")
"""Options that all commands share that ask a server."""

HEAD = """# Commands

Made of the program by `python -m fumo.cli.reference`; a test compares them.

`fumo device` and `fumo-device` tell their own words: `fumo device --help`, and
[a page on running a device](../howto/run-a-device.md).
"""
SHARED = """## Which server, and as whom
Every command that asks a server takes these. Without any it asks the one of the data folder
`fumo-data` here, by a socket that only the folder's owner reaches. What is given by hand beats the
environment, and `--data` beats `FUMO_SERVER`.
"""
CODES = """## Exit codes
| code | what happened | the same again |
|---|---|---|
| 0 | it was done | |
| 1 | the server refused it, and said why | fails again |
| 2 | the command line makes no sense | fails again |
| 3 | nobody answered, or the server said *later* | may work |
| 4 | not let in: no token, a wrong one, or a role that is too small | fails again |

An order is carried out once, however often it was sent: when an answer is lost on the way, the same
order is sent again under the same key. Errors are one line on standard error; with `-o json` what
is printed is one JSON document.
"""


def page() -> str:
    """All of it."""
    any_of_them = load("audit", COMMANDS["audit"])
    shared = _options(any_of_them, lambda name: name in EVERYWHERE)
    return "\n".join((HEAD, SHARED, *shared, "", CODES, *_commands())).rstrip() + "\n"


def _commands() -> Iterator[str]:
    for word, row in COMMANDS.items():
        if not is_there(row) or word == "device":
            continue
        command = load(word, row)
        if isinstance(command, click.Group):
            for name, inner in command.commands.items():
                yield from _command(f"{word} {name}", inner)
        else:
            yield from _command(word, command)


def _command(words: str, command: click.Command) -> Iterator[str]:
    usage = " ".join(command.collect_usage_pieces(click.Context(command)))
    yield f"## fumo {words}\n`fumo {words} {usage}`"
    yield f"\n{_flowing(command.help or '')}\n"
    asks = "server" in {param.name for param in command.params}
    yield from _options(command, lambda name: not asks or name not in EVERYWHERE)
    yield ""


def _flowing(words: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in words.split("\n\n"))


def _options(command: click.Command, which: Callable[[str], bool]) -> Iterator[str]:
    context = click.Context(command, max_content_width=1000)
    for param in command.params:
        if isinstance(param, click.Option) and which(param.name or ""):
            name, says = param.get_help_record(context) or ("", "")
            yield f"- `{name}`: {' '.join(says.split())}"


if __name__ == "__main__":
    click.echo(page(), nl=False)
