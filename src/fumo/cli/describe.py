"""`fumo device ddf`: print the description (DDF) of our device's tree, XML or WBXML."""

import argparse
import sys

from fumo.device.described import description
from fumo.dm.ddf import encode_ddf
from fumo.dm.documents import DDF_WBXML, DDF_XML
from fumo.tree.objects import Description

DEFAULT = Description("")
OBJECT = "Primary"


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command's line."""
    line = commands.add_parser(
        "ddf", help="print what the device's tree holds and what may be done to it (DDF)"
    )
    line.set_defaults(do=run_describe)
    line.add_argument("--man", default=DEFAULT.man, help="manufacturer that it is printed for")
    line.add_argument("--model", default=DEFAULT.mod, help="model that it is printed for")
    line.add_argument("--object", default=OBJECT, help="name of the update object's node")
    line.add_argument("--wbxml", action="store_true", help="as WBXML instead of XML")


def run_describe(options: argparse.Namespace) -> int:
    """Print it."""
    ddf = description(options.man, options.model, options.object)
    body = encode_ddf(ddf, DDF_WBXML if options.wbxml else DDF_XML)
    sys.stdout.buffer.write(body if options.wbxml else body + b"\n")
    sys.stdout.buffer.flush()
    return 0
