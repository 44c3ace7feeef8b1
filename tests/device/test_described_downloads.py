"""Packages that a descriptor leads to (C04b-02), and what its server is told of the transfer."""

import pytest

from fumo.device.edges.install_notify import InstallNotify
from fumo.device.edges.pace import Limits
from fumo.device.edges.reporting import post as really_post
from fumo.device.edges.trouble import Trouble
from fumo.dlota.descriptor import BYTES_MAX, MEDIA_TYPE
from fumo.testing.depot import MemoryDepot
from fumo.testing.disk import Cut, Damage, MemoryFiles, Moment, PowerCut
from fumo.update.failures import Cause, failure
from tests.device.downloads import NEAR, Fetch, package
from tests.device.servers import etag, head, honest, says, scripted

PACKAGE = package(b"firmware" * 400)
TOTAL = len(PACKAGE)
PLAIN = "application/octet-stream"


def dd(
    object_uri: str = "fw.bin",
    size: object = TOTAL,
    types=(PLAIN,),
    notify: str | None = "/told",
    more: str = "",
) -> bytes:
    kinds = "".join(f"<type>{kind}</type>" for kind in types)
    told = "" if notify is None else f"<installNotifyURI>{notify}</installNotifyURI>"
    return (
        f'<media xmlns="http://www.openmobilealliance.org/xmlns/dd">{kinds}<size>{size}</size>'
        f"<objectURI>{object_uri}</objectURI>{told}{more}</media>"
    ).encode()


def describes(body: bytes | None = None, **fields: object):
    return says(200, dd() if body is None else body, content_type=MEDIA_TYPE, **fields)


def typed(answer, media_type: str):
    """The same answer, of a type."""

    def as_typed(seen, peer):
        class Typing:
            def sendall(self, data: bytes) -> None:
                line = b"Content-Type: " + media_type.encode() + b"\r\n\r\n"
                peer.sendall(data.replace(b"\r\n\r\n", b"\r\n" + line, 1) if not sent else data)
                sent.append(data)

        sent: list[bytes] = []
        answer(seen, Typing())

    return as_typed


def routed(**routes):
    """One answer for each path, or several in turn."""
    turns = {
        name: list(each) if isinstance(each, list) else [each] for name, each in routes.items()
    }

    def answer(seen, peer):
        left = turns[seen.path.strip("/").partition(".")[0]]
        (left.pop(0) if len(left) > 1 else left[0])(seen, peer)

    return answer


class Told:
    """Notes what is reported; deaf for the first `deaf` times."""

    def __init__(self, deaf: int = 0):
        self.reports: list[tuple[str, bytes]] = []
        self.deaf = deaf

    def __call__(self, url: str, body: bytes) -> None:
        self.reports.append((url, body))
        if len(self.reports) <= self.deaf:
            raise Trouble(failure(Cause.REFUSED))

    @property
    def codes(self) -> list[int]:
        return [int(body[:3]) for _, body in self.reports]


def at_once(deed) -> None:
    deed()


def fetch_from(answer, told: Told | None = None, files=None, **settings) -> Fetch:
    """A download of `/package` to its end; its reports are in `told`."""
    told = told if told is not None else Told()
    files = files if files is not None else MemoryFiles()
    notify = InstallNotify(files, told, at_once, lambda _: None)
    with scripted(answer) as server:
        one = Fetch(server.url, files=files, notify=notify, **settings)
        one.run()
        one.downloader.abandon()
        one.requests, one.told, one.base = server.seen, told, server.url.removesuffix("/package")
    return one


@pytest.mark.clause("C04b-02")
def test_a_descriptor_leads_to_the_package_and_its_server_is_told():
    one = fetch_from(routed(package=describes(), fw=honest(PACKAGE)))
    assert one.content() == PACKAGE
    assert [request.path for request in one.requests] == ["/package", "/fw.bin"]
    assert one.told.reports == [(f"{one.base}/told", b"900 Success\n\r")]
    assert not one.files.exists("package.notify")


@pytest.mark.clause("C04b-02")
def test_the_device_says_that_it_takes_descriptors():
    one = fetch_from(honest(PACKAGE))
    assert MEDIA_TYPE in one.requests[0].fields["accept"]
    assert one.told.reports == []


def test_a_descriptor_with_parameters_in_its_type_is_one_too():
    body = says(200, dd(), content_type=f"{MEDIA_TYPE.upper()}; charset=utf-8")
    assert fetch_from(routed(package=body, fw=honest(PACKAGE))).content() == PACKAGE


def test_a_relative_address_is_of_where_the_descriptor_was_found():
    moved = says(302, location="/deep/er.dd")
    answer = routed(
        package=moved,
        **{"deep/er": describes(dd("./fw.bin", notify="t")), "deep/fw": honest(PACKAGE)},
    )
    one = fetch_from(answer)
    assert one.content() == PACKAGE
    assert one.told.reports[0][0] == f"{one.base}/deep/t"


def test_who_did_not_ask_is_not_told():
    one = fetch_from(routed(package=describes(dd(notify=None)), fw=honest(PACKAGE)))
    assert one.content() == PACKAGE
    assert one.told.reports == []


@pytest.mark.parametrize("media_type", [PLAIN, "Application/Octet-Stream; x=y", "application/x-fw"])
def test_a_package_comes_as_one_of_the_types_that_were_told(media_type):
    body = describes(dd(types=(PLAIN, "application/x-fw")))
    one = fetch_from(routed(package=body, fw=typed(honest(PACKAGE), media_type)))
    assert one.content() == PACKAGE


REFUSED = [
    # what is there, the cause, the FUMO result, what its server is told, objects asked for
    ({"package": describes(dd(notify=None)[:-3])}, Cause.BAD_DESCRIPTOR, 409, [], 0),
    ({"package": describes(dd(size="x"))}, Cause.BAD_DESCRIPTOR, 409, [906], 0),
    ({"package": describes(dd(types=()))}, Cause.BAD_DESCRIPTOR, 409, [906], 0),
    (
        {"package": describes(dd(more="<DDVersion>2.0</DDVersion>"))},
        Cause.BAD_DESCRIPTOR,
        409,
        [951],
        0,
    ),
    ({"package": describes(b"x" * (BYTES_MAX + 9))}, Cause.BAD_DESCRIPTOR, 409, [], 0),
    ({"package": describes(dd("ftp://h/p"))}, Cause.BAD_SCHEME, 411, [906], 0),
    ({"package": describes(dd("http://u:p@h/p"))}, Cause.BAD_URL, 411, [906], 0),
    ({"package": describes(dd(size=1 << 40))}, Cause.NO_SPACE_DOWNLOAD, 501, [901], 0),
    ({"package": describes(), "fw": says(404)}, Cause.NOT_THERE, 411, [954], 1),
    ({"package": describes(), "fw": describes()}, Cause.CORRUPT, 402, [905], 1),
    (
        {"package": describes(dd(size=TOTAL + 1)), "fw": honest(PACKAGE)},
        Cause.CORRUPT,
        402,
        [905],
        1,
    ),
    (
        {"package": describes(), "fw": typed(honest(PACKAGE), "text/html")},
        Cause.CORRUPT,
        402,
        [905],
        1,
    ),
    ({"package": describes(), "fw": honest(PACKAGE[:-1] + b"x")}, Cause.CORRUPT, 402, [905], 1),
    (
        {"package": describes(dd(size=4)), "fw": says(200, b"none")},
        Cause.NOT_ACCEPTABLE,
        405,
        [953],
        1,
    ),
    (
        {"package": says(200, b"", content_type="application/vnd.oma.dd2+xml")},
        Cause.NOT_ACCEPTABLE,
        405,
        [],
        0,
    ),
    (
        {"package": says(200, b"", content_type="multipart/related; boundary=x")},
        Cause.NOT_ACCEPTABLE,
        405,
        [],
        0,
    ),
]


@pytest.mark.clause("C04b-02")
@pytest.mark.parametrize(("routes", "cause", "result", "codes", "asked"), REFUSED)
def test_what_a_descriptor_may_not_be(routes, cause, result, codes, asked):
    one = fetch_from(routed(**routes))
    last = one.happened[-1].failure
    assert (one.causes, last.result) == ([cause], result)
    assert one.told.codes == codes
    assert len(one.requests) == 1 + asked


def test_f16_a_body_that_outgrows_its_descriptor_is_cut_off():
    def longer(_seen, peer):
        peer.sendall(head(200, {"transfer_encoding": "chunked"}))
        peer.sendall(b"%x\r\n" % (TOTAL + 9) + PACKAGE + b"x" * 9 + b"\r\n0\r\n\r\n")

    one = fetch_from(routed(package=describes(), fw=longer), raw=True)
    assert one.causes == [Cause.CORRUPT]


def test_what_this_device_never_takes_is_not_asked_for():
    one = fetch_from(
        routed(package=describes()), limits=Limits(package_types=("application/x-fw",))
    )
    assert one.causes == [Cause.NOT_ACCEPTABLE]
    assert one.told.codes == [953]
    assert len(one.requests) == 1


def test_f18_no_room_is_found_out_before_the_package_is_asked_for():
    files = MemoryFiles(capacity=TOTAL - 1)
    one = fetch_from(routed(package=describes()), files=files)
    assert one.causes == [Cause.NO_SPACE_DOWNLOAD]
    assert len(one.requests) == 1


@pytest.mark.parametrize("where", ["127.0.0.9", "169.254.169.254", "0.0.0.0"])
def test_a16_a_descriptor_leads_nowhere_near(where):
    one = fetch_from(routed(package=describes(dd(f"http://{where}/latest"))))
    assert one.causes == [Cause.FORBIDDEN_HOST]
    assert one.told.codes == [954]


# Cuts.


def test_f14_after_a_cut_the_package_goes_on_and_the_descriptor_is_asked_again():
    answer = routed(package=describes(), fw=[honest(PACKAGE, 1000), honest(PACKAGE)])
    one = fetch_from(answer)
    assert one.content() == PACKAGE
    asked = [(request.path, request.start) for request in one.requests]
    assert asked == [("/package", None), ("/fw.bin", None), ("/package", None), ("/fw.bin", 1000)]
    assert one.told.codes == [900]


def test_f14_a_restart_goes_on_with_the_package():
    with scripted(routed(package=describes(), fw=honest(PACKAGE))) as server:
        one = Fetch(server.url, limits=Limits(checkpoint_bytes=1000))
        one.once()
        one.files.cut(Damage.ALL)
        one.start()
        one.run()
    assert one.content() == PACKAGE
    assert [request.start for request in server.seen] == [None, None, None, 1000]


def test_f15_a_descriptor_that_leads_to_another_package_begins_anew():
    other = package(b"other" * 500)
    second = describes(dd(size=len(other)))
    answer = routed(package=[describes(), second], fw=[honest(PACKAGE, 1000), honest(other)])
    one = fetch_from(answer)
    assert one.content() == other
    assert one.checkpoints == [1000, None]


def test_f15_a_descriptor_that_became_the_package_begins_anew():
    answer = routed(package=[describes(), honest(PACKAGE)], fw=honest(PACKAGE, 1000))
    one = fetch_from(answer)
    assert one.content() == PACKAGE
    assert one.checkpoints == [1000, None]


def test_f15_a_package_that_became_a_descriptor_begins_anew():
    answer = routed(package=[honest(PACKAGE, 1000), describes()], fw=honest(PACKAGE))
    one = fetch_from(answer)
    assert one.content() == PACKAGE
    assert [request.path for request in one.requests] == ["/package", "/package", "/fw.bin"]


# Reports.


def test_a_report_that_nobody_hears_changes_nothing_and_ends():
    told = Told(deaf=99)
    one = fetch_from(routed(package=describes(), fw=honest(PACKAGE)), told)
    assert one.content() == PACKAGE
    assert told.codes == [900, 900, 900]
    assert not one.files.exists("package.notify")


def test_a_report_that_is_heard_is_not_said_again():
    told = Told(deaf=1)
    one = fetch_from(routed(package=describes(), fw=honest(PACKAGE)), told)
    assert told.codes == [900, 900]
    one.downloader.abandon()
    assert told.codes == [900, 900]


def test_while_there_are_attempts_left_nobody_is_told():
    cut = [honest(PACKAGE, 100)] * 3
    one = fetch_from(routed(package=describes(), fw=[*cut, honest(PACKAGE)]))
    assert one.causes == [Cause.SHORT_BODY] * 3
    assert one.told.codes == [900]


def test_when_all_attempts_are_used_up_it_is_told_why():
    one = fetch_from(routed(package=describes(), fw=honest(PACKAGE, 100)))
    assert one.causes == [Cause.SHORT_BODY] * 8
    assert one.told.codes == [903]


def test_an_operation_that_is_given_up_is_told_as_aborted():
    told, files = Told(), MemoryFiles()
    notify = InstallNotify(files, told, at_once, lambda _: None)
    with scripted(routed(package=describes(), fw=honest(PACKAGE))) as server:
        one = Fetch(server.url, files, Limits(checkpoint_bytes=1000), notify=notify)
        one.once()
        one.downloader.abandon()
    assert told.codes == [952]


def test_what_a_cut_left_untold_is_told_after_the_restart_and_counted():
    files, deaf, told = MemoryFiles(), Told(deaf=99), Told()
    one = fetch_from(routed(package=describes(), fw=honest(PACKAGE)), deaf, files)
    note = InstallNotify(files, told, at_once, lambda _: None)
    note.described(9, "http://127.0.0.1/told")
    note.ended(9, 901, final=False)
    files.cut(Damage.ALL)
    again = InstallNotify(files, told, at_once, lambda _: None)
    again.rest()
    again.rest()
    assert told.codes == [901]
    assert one.content() == PACKAGE


def test_f18_a_disk_that_fails_costs_the_report_and_nothing_else():
    class Dead(MemoryFiles):
        def replace(self, name: str, data: bytes) -> None:
            raise OSError(5, name)

    one = fetch_from(routed(package=describes(), fw=honest(PACKAGE)), files=Dead())
    assert one.content() == PACKAGE
    assert one.told.codes == []


def test_a_report_is_posted_for_real():
    with scripted(says(200)) as server:
        really_post(f"http://127.0.0.1:{server.port}/told", b"900 Success\n\r", guard=NEAR)
    assert (server.seen[0].path, server.seen[0].fields["content-length"]) == ("/told", "13")


@pytest.mark.parametrize(("status", "heard"), [(200, True), (404, True), (302, True), (503, False)])
def test_an_answer_that_is_no_failure_of_the_server_was_heard(status, heard):
    with scripted(says(status, location="/elsewhere")) as server:
        url = f"http://127.0.0.1:{server.port}/told"
        if heard:
            really_post(url, b"900 Success\n\r", guard=NEAR)
        else:
            with pytest.raises(Trouble):
                really_post(url, b"900 Success\n\r", guard=NEAR)
    assert len(server.seen) == 1


def test_the_objects_etag_is_what_a_resume_is_asked_by():
    answer = routed(package=describes(etag=etag(b"dd")), fw=[honest(PACKAGE, 9), honest(PACKAGE)])
    one = fetch_from(answer)
    assert one.content() == PACKAGE
    assert one.requests[-1].fields["if-range"] == etag(PACKAGE)


# Power.


class InMemory(Fetch):
    """The same story without a network, so that it can be told hundreds of times."""

    def __init__(self, files: MemoryFiles):
        self.depot = MemoryDepot()
        self.depot.files = {"http://127.0.0.1/dd": dd(), "http://127.0.0.1/fw.bin": PACKAGE}
        self.depot.types = {"http://127.0.0.1/dd": MEDIA_TYPE}
        notify = self.depot.notify(files)
        ports = {"open_body": self.depot.open_body, "notify": notify}
        limits = Limits(checkpoint_bytes=1000)
        super().__init__("http://127.0.0.1/dd", files, limits, **ports)

    def lives(self) -> None:
        self.run()
        self.downloader.abandon()


@pytest.mark.parametrize("damage", Damage)
def test_f1_a_power_cut_anywhere_costs_neither_package_nor_report(damage):
    whole = InMemory(MemoryFiles())
    whole.lives()
    assert whole.files.operations > 12
    for operation in range(1, whole.files.operations + 1):
        for moment in Moment:
            one = InMemory(MemoryFiles(cut=Cut(operation, moment)))
            try:
                one.lives()
            except PowerCut:
                one.files.cut(damage, operation)
                one.start()
                one.lives()
            assert one.content() == PACKAGE, (operation, moment)
            codes = {int(body[:3]) for _, body in one.depot.reports}
            assert codes == {900}, (operation, moment)
            assert len(one.depot.reports) <= 2
            assert not one.files.exists("package.notify")
