"""`fumo device ddf`: the device's description, as whoever writes a server wants it."""

import pytest

from fumo.cli.device import light_main
from fumo.codes import ManagementObject
from fumo.device.fumo_object import address
from fumo.dm.ddf import decode_ddf
from fumo.tree.description import kind_of


@pytest.mark.clause("T7-03")
@pytest.mark.parametrize("options", [[], ["--wbxml"]])
def test_the_description_is_printed_in_either_form(
    options: list[str], capfdbinary: pytest.CaptureFixture[bytes]
):
    words = ["ddf", "--man", "Example", "--model", "Meter", "--object", "Phone", *options]
    assert light_main(words) == 0
    ddf = decode_ddf(capfdbinary.readouterr().out)
    assert (ddf.man, ddf.mod) == ("Example", "Meter")
    kind = kind_of(ddf, address("Phone"))
    assert kind is not None
    assert kind.ddf_name == ManagementObject.FUMO
