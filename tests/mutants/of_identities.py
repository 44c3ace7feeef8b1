"""Mutants of identities: who lacks the certificate is nobody, and secrets are made of chance."""

from tests.mutants import killers
from tests.mutants.harness import Edit, Mutant

MUTANTS = (
    Mutant(
        "a repeat is answered before the certificate is looked at",
        "A8: what a bound device was told is told to nobody else",
        (
            Edit(
                "server/pump.py",
                "        case = _admitted(pump, case, envelope)\n"
                "        reply = repeated(case, envelope, at_s)\n",
                "        reply = repeated(case, envelope, at_s)\n"
                "        case = _admitted(pump, case, envelope)\n",
            ),
        ),
        killers.server("test_bound_devices.py", "test_a_session_goes_on_with_the_certificate_only"),
        r"which nobody else is given",
    ),
    Mutant(
        "a session that was proven needs no certificate any more",
        "A8: each message of a bound device comes with its certificate",
        (
            Edit(
                "server/binding.py",
                "    why = turned_away(case.device, shown) if case.device else None\n",
                "    known = case.device if case.session is None else None\n"
                "    why = turned_away(known, shown) if known else None\n",
            ),
        ),
        killers.server("test_bound_devices.py", "test_a_session_goes_on_with_the_certificate_only"),
        r"E +.*assert",
    ),
    Mutant(
        "a proxy's words are believed of anybody",
        "A8: the headers of a proxy count from its net only",
        (
            Edit(
                "server/edges/peers.py",
                '        if scope["type"] == "http" and is_within(scope.get(HOP, ""), nets):\n',
                '        if scope["type"] == "http" and is_within(scope["client"][0], nets):\n',
            ),
        ),
        killers.server(
            "test_peers.py",
            "test_a8_headers_count_by_who_connected_and_not_by_who_is_said_to_come",
        ),
        r"E +.*assert",
    ),
    Mutant(
        "a certificate counts without the proxy's verdict",
        "A8: a certificate that nobody verified is none",
        (
            Edit(
                "server/edges/peers.py",
                "len(pairs) != 2 or found.get(VERIFIED) != SUCCESS or",
                "len(pairs) != 2 or VERIFIED not in found or",
            ),
        ),
        killers.server("test_peers.py", "test_a8_anything_else_is_none"),
        r"E +.*assert Shown\(",
    ),
    Mutant(
        "secrets follow from the id",
        "A9: no function of the id makes a device's secrets",
        (
            Edit(
                "server/identities.py",
                "    secrets = made(office.octets)\n",
                '    secrets = made(__import__("random").Random(wanted.id).randbytes)\n',
            ),
        ),
        killers.server("test_identities.py", "test_a9_no_function_of_the_id_makes_them"),
        r"E +.*assert \d == 8",
    ),
)
