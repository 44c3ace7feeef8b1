"""Mutants of the way of an order: from a command line to the API, and what comes back."""

from tests.mutants import killers
from tests.mutants.harness import Edit, Mutant

MUTANTS = (
    Mutant(
        "an order that is sent again is another order",
        "an order whose answer was lost is carried out once",
        (
            Edit(
                "cli/admin.py",
                '        headers = self._headers | more.pop("headers", {})\n',
                '        headers = self._headers | more.pop("headers", {}) | _key()\n',
            ),
        ),
        killers.server(
            "test_commands.py",
            "test_an_order_whose_answer_was_lost_is_sent_again_under_the_same_key",
        ),
        r"E +AssertionError: assert 3 == 1",
    ),
    Mutant(
        "what devices say reaches the terminal as it is",
        "no word of a device commands an operator's terminal",
        (Edit("cli/telling.py", 'if c.isprintable() or c == "\\n" else', "if c else"),),
        killers.server("test_commands.py", "test_no_word_of_a_device_commands_a_terminal"),
        r"E +AssertionError: assert 'a\\x1b",
    ),
    Mutant(
        "viewers read the address in a story",
        "viewers see no address that opens the depot",
        (Edit("server/edges/rest/addresses.py", "address.sub(HIDDEN, line)", "line"),),
        killers.server(
            "test_commands.py",
            "test_viewers_see_a_story_without_the_address_that_opens_the_depot",
        ),
        r"E +assert \('[0-9a-f]{64}' in",
    ),
    Mutant(
        "who follows begins anew after a cut",
        "whoever follows the feed misses no event",
        (
            Edit(
                "cli/events.py", '            if name == "id":\n', '            if name == "ID":\n'
            ),
        ),
        killers.server("test_commands.py", "test_who_follows_goes_on_where_the_line_was_cut"),
        r"E +AssertionError: assert \[None, None\] == \[None, '8'\]",
    ),
    Mutant(
        "an import takes in again what is there",
        "a file of devices may be taken in again",
        (
            Edit(
                "server/edges/rest/imports.py",
                "if rest.store.device(one.id) is None]",
                "if one.id]",
            ),
        ),
        killers.server("test_commands.py", "test_devices_are_imported_from_a_file_again_and_again"),
        r"is there already",
    ),
)
