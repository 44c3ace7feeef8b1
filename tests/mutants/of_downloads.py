"""Mutants of downloads: who is asked, what bounds the stream, what is believed, what is told."""

from tests.mutants import killers
from tests.mutants.harness import Edit, Mutant

MUTANTS = (
    Mutant(
        "every address may be asked",
        "A16: nothing near the device is asked on a stranger's word",
        (
            Edit(
                "device/edges/guard.py",
                "        if _plain(host) in self._hosts:",
                "        if host:",
            ),
        ),
        killers.device("test_guard.py", "test_a16_redirects_are_judged_like_the_first_address"),
        r"E +AssertionError: assert \[\] == \[<Cause.FORBI",
    ),
    Mutant(
        "an address in another's clothes",
        "A16: an IPv6 address that stands for one of IPv4 is judged as that",
        (
            Edit(
                "device/edges/guard.py",
                "    return address.ipv4_mapped or address.sixtofour or address",
                "    return address",
            ),
        ),
        killers.device(
            "test_guard.py",
            "test_a16_addresses_of_the_device_itself_and_of_its_link_are_forbidden",
        ),
        r"E +.*forbidden\('(::ffff|2002)",
    ),
    Mutant(
        "what was signed is no bound",
        "A5: a vouched package is no longer than was signed",
        (
            Edit(
                "device/edges/package_check.py",
                "        self.expected = plan.length",
                "        self.expected = None",
            ),
        ),
        killers.device(
            "test_vouched_downloads.py",
            "test_f16_a_header_that_lies_about_the_signed_length_is_enough",
        ),
        r"E +.*<Cause.SHORT_BODY",
    ),
    Mutant(
        "the file's own word goes before the signed one",
        "a vouched package has the digest that was signed",
        (
            Edit(
                "device/edges/package_check.py",
                "        self._digest_from(0 if self._plan.sha256 else offset)",
                "        self._digest_from(offset)",
            ),
        ),
        killers.device(
            "test_vouched_downloads.py",
            "test_what_was_signed_is_fetched_and_held_by_its_digest",
        ),
        r"E +.*\[<Cause.CORRUPT",
    ),
    Mutant(
        "headers may drip",
        "A5: the head of an answer comes in one time-out",
        (
            Edit(
                "device/edges/http_body.py",
                "        left_s = self.until_s - time.monotonic()",
                "        left_s = 1.0",
            ),
        ),
        killers.device("test_slow_servers.py", "test_a5_headers_that_drip_are_a_timeout"),
        r"E +.*<Cause",
    ),
    Mutant(
        "the wish of a server has no bound",
        "Retry-After is heard up to the policy's cap",
        (
            Edit(
                "update/retry.py",
                "    return max(own_s, min(policy.backoff_cap_s, asked_s))",
                "    return max(own_s, asked_s)",
            ),
        ),
        killers.device("test_slow_servers.py", "test_its_wish_is_heard_up_to_the_cap"),
        r"E +AssertionError: assert 99999",
    ),
    Mutant(
        "a report is told while attempts are left",
        "install-notify tells how a transfer ended, once",
        (
            Edit(
                "device/edges/downloader.py",
                "code_of(why), final=not why.temporary)",
                "code_of(why), final=True)",
            ),
        ),
        killers.device(
            "test_described_downloads.py", "test_while_there_are_attempts_left_nobody_is_told"
        ),
        r"E +.*903",
    ),
)
