"""The downloader against the real depot, and against servers that do everything wrong."""

import contextlib
import errno
import hashlib
import random
import time
import tracemalloc

import pytest

from fumo.device.edges.disk import DiskFolder
from fumo.device.edges.pace import Limits
from fumo.package.manifest import Manifest, build
from fumo.testing.disk import Cut, Damage, Fault, MemoryFiles, Moment, PowerCut
from fumo.update.failures import Cause
from fumo.update.happening import Failed, PackageReplaced, Progressed, Verified
from tests.device.downloads import Fetch, package
from tests.device.servers import Depot, etag, head, honest, says, scripted

IMAGE = random.Random(1).randbytes(3000)
PACKAGE = package(IMAGE)
OTHER = package(random.Random(2).randbytes(3000))


@pytest.fixture
def depot(tmp_path):
    depot = Depot(tmp_path)
    yield depot
    depot.stop()


def fetch_from(*answers, **settings) -> Fetch:
    """Run a download against a scripted server to its end."""
    with scripted(*answers) as server:
        fetch = Fetch(server.url, **settings)
        fetch.run()
        fetch.requests = server.seen
    return fetch


# The good way.


@pytest.mark.clause("C04b")
def test_a_package_is_fetched_from_the_depot(depot):
    fetch = Fetch(depot.url(PACKAGE, "op-7"))
    fetch.run()
    assert fetch.content() == PACKAGE
    assert fetch.held.length == len(PACKAGE)
    assert fetch.held.source is None
    assert fetch.held.manifest in PACKAGE
    assert [(line.operation, line.status, line.sent) for line in depot.log()] == [
        ("op-7", 200, len(PACKAGE))
    ]


def test_many_checkpoints_go_over_one_connection(depot):
    fetch = Fetch(depot.url(PACKAGE), limits=Limits(checkpoint_bytes=1000))
    fetch.run()
    assert fetch.checkpoints == [1000, 2000, 3000]
    assert fetch.content() == PACKAGE
    assert len(depot.log()) == 1


def test_f14_after_a_restart_it_goes_on_behind_the_checkpoint(depot):
    fetch = Fetch(depot.url(PACKAGE), limits=Limits(checkpoint_bytes=1000))
    fetch.once()
    fetch.once()
    fetch.files.cut(Damage.ALL)
    fetch.start()
    fetch.run()
    assert fetch.content() == PACKAGE
    assert [line.start for line in depot.log()][-1] == 2000


def test_f14_bytes_behind_the_checkpoint_are_never_believed(depot):
    fetch = Fetch(depot.url(PACKAGE), limits=Limits(checkpoint_bytes=1000))
    fetch.once()
    fetch.files.write("package.part", 1000, b"left by a power cut" * 200)
    fetch.start()
    fetch.run()
    assert fetch.content() == PACKAGE


def test_f14_a_checkpoint_without_its_bytes_begins_anew(depot):
    fetch = Fetch(depot.url(PACKAGE), limits=Limits(checkpoint_bytes=1000))
    fetch.once()
    fetch.files.truncate("package.part", 999)
    fetch.start()
    fetch.run()
    assert fetch.checkpoints[1] is None
    assert fetch.content() == PACKAGE


def test_f17_a_part_file_that_rotted_is_found_out(depot):
    fetch = Fetch(depot.url(PACKAGE), limits=Limits(checkpoint_bytes=1000))
    fetch.once()
    fetch.files.write("package.part", 900, b"\xff")
    fetch.start()
    fetch.run()
    assert fetch.causes == [Cause.CORRUPT]


def test_a_whole_package_whose_rename_was_not_recorded_is_not_fetched_again(depot):
    fetch = Fetch(depot.url(PACKAGE), limits=Limits(checkpoint_bytes=len(PACKAGE) - 1))
    fetch.once()
    before = fetch.target
    assert isinstance(fetch.downloader.fetch(before.operations[0].order, before), Verified)
    asked = len(depot.log())
    fetch.start()
    fetch.run()
    assert fetch.content() == PACKAGE
    assert len(depot.log()) <= asked + 1
    assert depot.log()[-1].sent <= 1


SMALL = package(random.Random(5).randbytes(400))


def test_f14_a_cut_after_any_byte_costs_an_attempt_and_no_byte():
    for cut_at in range(len(SMALL)):
        fetch = fetch_from(honest(SMALL, cut_at), honest(SMALL))
        assert fetch.content() == SMALL
        assert fetch.causes == [Cause.SHORT_BODY]
        assert fetch.requests[1].start == (cut_at or None)


def test_f14_cuts_all_the_way_use_up_the_attempts_and_no_more():
    fetch = fetch_from(honest(PACKAGE, 100))
    assert fetch.causes == [Cause.SHORT_BODY] * 8
    assert fetch.checkpoints == [100, 200, 300, 400, 500, 600, 700, 800]
    assert len(fetch.requests) == 8


# A package that changes, and servers that cannot resume.


@pytest.mark.parametrize(
    "second",
    [
        honest(OTHER),  # another ETag: it comes whole
        says(416),
        says(
            206,
            OTHER[1000:],
            etag=etag(OTHER),
            content_range=f"bytes 1000-{len(OTHER) - 1}/{len(OTHER)}",
        ),
        says(
            206,
            OTHER[1000:] + b"x",
            etag=etag(PACKAGE),
            content_range=f"bytes 1000-{len(OTHER)}/{len(OTHER) + 1}",
        ),
    ],
    ids=["200", "416", "other-etag", "other-total"],
)
def test_f15_a_changed_package_is_begun_anew_within_the_attempt(second):
    fetch = fetch_from(honest(PACKAGE, 1000), second, honest(OTHER))
    assert fetch.content() == OTHER
    assert fetch.causes == [Cause.SHORT_BODY]
    assert fetch.checkpoints == [1000, None]
    assert fetch.requests[1].start == 1000
    assert all(request.start is None for request in fetch.requests[2:])


@pytest.mark.parametrize("tag", [None, 'W/"weak"', "unquoted", '"two" "tags"'])
def test_f15_without_a_strong_etag_nothing_is_resumed(tag):
    fetch = fetch_from(honest(PACKAGE, 1000, tag), honest(PACKAGE, None, tag))
    assert fetch.content() == PACKAGE
    assert [request.start for request in fetch.requests] == [None, None]


def test_f15_the_withdrawn_checkpoint_is_told_before_its_bytes_go():
    with scripted(honest(PACKAGE, 1000), honest(OTHER)) as server:
        fetch = Fetch(server.url)
        while fetch.checkpoints != [1000, None]:
            fetch.once()
        assert fetch.files.read("package.part", 0, 4000) == PACKAGE[:1000]
        fetch.run()
    assert fetch.content() == OTHER


# Answers that are refused.


def resumed_with(answer) -> Fetch:
    """A download that is resumed at 1000 and gets this answer, then a right one."""
    return fetch_from(honest(PACKAGE, 1000), answer, honest(PACKAGE))


def partial(content_range, body=PACKAGE[1000:], **fields):
    return says(206, body, etag=etag(PACKAGE), content_range=content_range, **fields)


END, TOTAL = len(PACKAGE) - 1, len(PACKAGE)


@pytest.mark.parametrize(
    "answer",
    [
        partial(f"bytes 999-{END}/{TOTAL}", PACKAGE[999:]),
        partial(f"bytes 0-{END}/{TOTAL}", PACKAGE),
        partial(f"bytes 1000-{END - 1}/{TOTAL}", PACKAGE[1000:-1]),
        partial(f"bytes 1000-{END}/*"),
        partial(f"bytes 1000-{END}/{TOTAL}", PACKAGE[1000:-1]),
        partial("bytes */5"),
        partial("nonsense"),
        partial(None),
        partial(f"bytes 1000-{END}/{TOTAL}", content_encoding="gzip"),
    ],
)
def test_f16_a_partial_answer_that_does_not_fit_costs_an_attempt(answer):
    fetch = resumed_with(answer)
    assert fetch.causes == [Cause.SHORT_BODY, Cause.BAD_ANSWER]
    assert fetch.content() == PACKAGE


def chunked(*pieces: bytes, end: bytes = b"0\r\n\r\n"):
    def answer(_seen, peer):
        peer.sendall(head(200, {"transfer_encoding": "chunked"}))
        peer.sendall(b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + end)

    return answer


def of_no_size(size: bytes):
    """A chunk whose length no honest server says."""

    def answer(_seen, peer):
        peer.sendall(head(200, {"transfer_encoding": "chunked"}) + size + b"\r\n" + PACKAGE)

    return answer


def endless(_seen, peer):
    peer.sendall(head(200, {"transfer_encoding": "chunked"}) + b"%x\r\n" % (1 << 40) + PACKAGE)
    while True:
        peer.sendall(bytes(65536))


PERMANENT = [
    (says(404), Cause.NOT_THERE, 411),
    (says(410), Cause.NOT_THERE, 411),
    (says(401), Cause.AUTHENTICATION, 406),
    (says(302, location="ftp://h/p"), Cause.BAD_SCHEME, 411),
    (says(302, location="https://h/p"), Cause.BAD_SCHEME, 411),
    (says(302, location="http://h:99999/p"), Cause.BAD_URL, 411),
    (says(302, location="http://["), Cause.BAD_URL, 411),
    (says(302, location="//[x"), Cause.BAD_URL, 411),
    (says(302, location="/package"), Cause.TOO_MANY_REDIRECTS, 411),
    (says(200, b"<html>no package</html>"), Cause.NOT_ACCEPTABLE, 405),
    (says(200, b""), Cause.NOT_ACCEPTABLE, 405),
    (says(200, PACKAGE[:20]), Cause.INVALID, 404),
    (says(200, PACKAGE[:6] + bytes(9)), Cause.INVALID, 404),
    (says(200, PACKAGE[:-1] + b"x"), Cause.CORRUPT, 402),
    (says(200, PACKAGE + b"x"), Cause.CORRUPT, 402),
    (says(200, PACKAGE[:-1]), Cause.CORRUPT, 402),
    (says(200, PACKAGE[:-1], content_length=None), Cause.SHORT_BODY, 503),
    (chunked(PACKAGE, b"x"), Cause.CORRUPT, 402),
    (endless, Cause.CORRUPT, 402),
]


@pytest.mark.parametrize(("answer", "cause", "result"), PERMANENT)
def test_f16_what_ends_a_download_for_good(answer, cause, result):
    fetch = fetch_from(answer)
    last = fetch.happened[-1]
    assert isinstance(last, Failed)
    assert (last.failure.cause, last.failure.result) == (cause, result)
    assert last.failure.temporary or len(fetch.causes) == 1


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (says(500), Cause.SERVER_ERROR),
        (says(503), Cause.UNAVAILABLE),
        (says(204), Cause.BAD_ANSWER),
        (says(302), Cause.BAD_ANSWER),
        (says(206, PACKAGE), Cause.BAD_ANSWER),
        (says(200, PACKAGE, content_encoding="gzip"), Cause.BAD_ANSWER),
        (says(200, PACKAGE[:-5], content_length=len(PACKAGE)), Cause.SHORT_BODY),
        (chunked(PACKAGE[:500], end=b""), Cause.SHORT_BODY),
        (of_no_size(b"-3" + b"0" * 60), Cause.BAD_ANSWER),
        (says(200, PACKAGE[:-5], content_length=None), Cause.SHORT_BODY),
        (lambda _seen, peer: peer.sendall(b"SSH-2.0-x\r\n\r\n"), Cause.BAD_ANSWER),
        (lambda _seen, peer: None, Cause.RESET),
    ],
)
def test_f16_what_may_go_better_next_time(answer, cause):
    fetch = fetch_from(answer, honest(PACKAGE))
    assert fetch.causes == [cause]
    assert fetch.content() == PACKAGE


@pytest.mark.parametrize("answer", [chunked(PACKAGE[:100], PACKAGE[100:]), says(200, PACKAGE)])
def test_a_body_may_come_with_or_without_a_length(answer):
    assert fetch_from(answer).content() == PACKAGE


def test_a_redirect_of_the_same_scheme_is_followed():
    fetch = fetch_from(says(307, location="/elsewhere"), honest(PACKAGE))
    assert fetch.content() == PACKAGE
    assert [request.path for request in fetch.requests] == ["/package", "/elsewhere"]


BAD_URLS = {
    None: Cause.BAD_URL,
    "": Cause.BAD_URL,
    "package.bin": Cause.BAD_URL,
    "http://": Cause.BAD_URL,
    "http:///p": Cause.BAD_URL,
    "http://h:99999/p": Cause.BAD_URL,
    "http://a..b/p": Cause.BAD_URL,
    f"http://{'a' * 64}.b/p": Cause.BAD_URL,
    "http://h/a b": Cause.BAD_URL,
    "http://h/a\r\nX: y": Cause.BAD_URL,
    "http://user:secret@h/p": Cause.BAD_URL,
    "http://h/" + "p" * 2048: Cause.BAD_URL,
    "http://[::1/p": Cause.BAD_URL,
    "file:///etc/passwd": Cause.BAD_SCHEME,
    "ftp://h/p": Cause.BAD_SCHEME,
}


@pytest.mark.parametrize(("url", "cause"), BAD_URLS.items())
def test_a16_a_url_that_is_none_is_said_so_at_once(url, cause):
    fetch = Fetch(url)
    fetch.run()
    assert fetch.causes == [cause]


def test_a_port_where_nobody_listens_is_tried_again():
    with scripted() as server:
        url = server.url
    fetch = Fetch(url)
    fetch.run()
    assert fetch.causes == [Cause.REFUSED] * 8


# Time.


def test_a5_a_server_that_falls_silent_is_a_timeout():
    def silent(_seen, peer):
        peer.sendall(head(200, {"content_length": TOTAL, "etag": etag(PACKAGE)}) + PACKAGE[:1000])
        peer.recv(1)  # until the device hangs up

    fetch = fetch_from(silent, honest(PACKAGE), limits=Limits(io_timeout_s=0.2))
    assert fetch.causes == [Cause.TIMEOUT]
    assert fetch.requests[1].start == 1000


def test_a5_a_server_that_drips_is_a_stall():
    def drips(_seen, peer):
        peer.sendall(head(200, {"content_length": TOTAL}))
        for byte in PACKAGE:
            peer.sendall(bytes([byte]))
            time.sleep(0.05)

    limits = Limits(stall_window_s=0.3, stall_bytes_per_s=1000)
    fetch = fetch_from(drips, honest(PACKAGE), limits=limits)
    assert fetch.causes == [Cause.STALLED]
    assert fetch.content() == PACKAGE


def test_a_slow_download_gives_the_loop_back_in_time():
    def slow(_seen, peer):
        peer.sendall(head(200, {"content_length": TOTAL}))
        for start in range(0, TOTAL, 300):
            peer.sendall(PACKAGE[start : start + 300])
            time.sleep(0.03)

    fetch = fetch_from(slow, limits=Limits(checkpoint_s=0.1))
    assert len(fetch.checkpoints) >= 2
    assert fetch.content() == PACKAGE


# The disk.


@pytest.mark.parametrize("capacity", [0, 10, 1500, TOTAL - 1])
def test_f18_a_package_that_does_not_fit_is_refused_before_it_is_fetched(capacity):
    fetch = fetch_from(honest(PACKAGE), files=MemoryFiles(capacity=capacity))
    last = fetch.happened[-1]
    assert (last.failure.cause, last.failure.result) == (Cause.NO_SPACE_DOWNLOAD, 501)


def test_f18_a_disk_that_fills_up_meanwhile():
    fault = Fault(operation=4, code=errno.ENOSPC, for_ever=True)
    fetch = fetch_from(honest(PACKAGE), files=MemoryFiles(fault=fault))
    assert fetch.causes == [Cause.NO_SPACE_DOWNLOAD]


def steps_of_a_download() -> int:
    """How many operations of the disk a download with checkpoints takes."""
    fetch = fetch_from(honest(PACKAGE), limits=Limits(checkpoint_bytes=1000))
    return fetch.files.operations


@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC, errno.EDQUOT])
def test_f18_one_disk_error_anywhere_costs_an_attempt_at_most(code):
    for operation in range(1, steps_of_a_download() + 1):
        files = MemoryFiles(fault=Fault(operation, code))
        fetch = fetch_from(honest(PACKAGE), files=files, limits=Limits(checkpoint_bytes=1000))
        if code == errno.EIO:
            assert fetch.causes in ([], [Cause.WRITE_ERROR])
            assert fetch.content() == PACKAGE
        else:
            assert fetch.causes in ([], [Cause.NO_SPACE_DOWNLOAD])


@pytest.mark.parametrize(("code", "result"), [(errno.EIO, 400), (errno.ENOSPC, 501)])
def test_f18_a_disk_that_is_dead_from_some_moment_on_ends_it_with_its_result(code, result):
    for operation in range(1, steps_of_a_download() + 1):
        files = MemoryFiles(fault=Fault(operation, code, for_ever=True))
        fetch = fetch_from(honest(PACKAGE), files=files, limits=Limits(checkpoint_bytes=1000))
        assert fetch.happened[-1].failure.result == result
        assert len(fetch.causes) <= 8


def test_f18_a_dead_disk_ends_in_a_result_that_state_20_knows():
    fetch = fetch_from(honest(PACKAGE), files=MemoryFiles(fault=Fault(1, for_ever=True)))
    assert fetch.causes == [Cause.WRITE_ERROR] * 8
    assert fetch.happened[-1].failure.result == 400


# Raw packages and PkgData.


def test_a_raw_package_is_any_whole_file():
    for content in (IMAGE, b"x", b"FUM", random.Random(3).randbytes(50)):
        fetch = fetch_from(honest(content), raw=True)
        assert fetch.content() == content
        assert fetch.held.manifest is None


def test_a_raw_package_whose_length_nobody_tells_is_refused():
    fetch = fetch_from(says(200, IMAGE, content_length=None), honest(IMAGE), raw=True)
    assert fetch.causes == [Cause.BAD_ANSWER]
    assert fetch.content() == IMAGE


def test_a_device_for_raw_packages_still_checks_the_others():
    assert fetch_from(says(200, PACKAGE[:-1] + b"x"), raw=True).causes == [Cause.CORRUPT]


@pytest.mark.parametrize(
    ("data", "manifest"),
    [(PACKAGE, PACKAGE[10 : -len(IMAGE)]), (IMAGE, None), (PACKAGE[:-1], b""), (PACKAGE[:9], b"")],
)
def test_package_data_is_kept_as_it_came(data, manifest):
    fetch = Fetch("http://unused/")
    stored = fetch.downloader.store(data)
    assert isinstance(stored, PackageReplaced)
    assert stored.held.manifest == manifest
    assert stored.held.length == len(data)
    fetch.files.cut(Damage.ALL)
    assert fetch.content() == data


def test_a_power_cut_leaves_the_old_package_data_or_the_new():
    for operation in range(1, 4):
        for moment in Moment:
            fetch = Fetch("http://unused/")
            fetch.downloader.store(PACKAGE)
            fetch.files.planned_cut = Cut(fetch.files.operations + operation, moment)
            with contextlib.suppress(PowerCut):
                fetch.downloader.store(OTHER)
            fetch.files.cut(Damage.ALL)
            assert fetch.content() in (PACKAGE, OTHER)


def test_empty_package_data_deletes_what_is_held():
    fetch = Fetch("http://unused/")
    fetch.downloader.store(PACKAGE)
    assert fetch.downloader.store(b"") == PackageReplaced(None)
    assert not fetch.files.exists("package")


def test_discarding_twice_does_no_harm(depot):
    fetch = Fetch(depot.url(PACKAGE), limits=Limits(checkpoint_bytes=1000))
    assert isinstance(fetch.once(), Progressed)
    fetch.downloader.discard()
    fetch.downloader.discard()
    assert not fetch.files.volatile


# Size.


def test_memory_stays_flat(tmp_path, depot):
    image = random.Random(4).randbytes(1 << 20) * 64
    url = depot.url(package(image))
    del image
    fetch = Fetch(url, files=DiskFolder(tmp_path / "device"))
    tracemalloc.start()
    try:
        fetch.run()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert isinstance(fetch.happened[-1], Verified)
    assert peak < 8 * 1024 * 1024


class Sparse(DiskFolder):
    """A folder that takes zeros without room for them."""

    def write(self, name: str, offset: int, data: bytes | memoryview) -> None:
        if any(data[:64]):
            super().write(name, offset, data)
        else:
            self.truncate(name, offset + len(data))


@pytest.mark.long
def test_memory_stays_flat_for_four_gibibytes(tmp_path):
    zeros, count = bytes(1 << 20), 4095
    digest = hashlib.sha256()
    for _ in range(count):
        digest.update(zeros)
    front = b"".join(build(Manifest("lamp", "2", count << 20, digest.hexdigest()), []))

    def answer(_seen, peer):
        peer.sendall(head(200, {"content_length": len(front) + (count << 20)}) + front)
        for _ in range(count):
            peer.sendall(zeros)

    tracemalloc.start()
    try:
        fetch = fetch_from(answer, files=Sparse(tmp_path / "device"))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert fetch.held.length == len(front) + (count << 20)
    assert peak < 8 * 1024 * 1024
