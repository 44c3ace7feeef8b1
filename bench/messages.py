"""The two messages that every session begins with, of the size that devices and servers send."""

from fumo.dm.message import (
    Alert,
    Chal,
    Cred,
    Exec,
    Get,
    Header,
    Item,
    Location,
    Message,
    Meta,
    Replace,
    Status,
)

SERVER = "https://dm.example.org:8443/oma-dm/v1.2/endpoint"
DEVICE = "IMEI:493005100592800"
FUMO = "./Device/FUMO/Firmware"
MD5 = Meta("b64", "syncml:auth-md5")
DEV_INFO = {
    "DevId": DEVICE,
    "Man": "Example Instruments GmbH",
    "Mod": "Flow Meter 3 Series B",
    "DmV": "1.2",
    "Lang": "de-AT",
}

PACKAGE_1 = Message(
    Header(
        "5F3A",
        1,
        Location(SERVER),
        Location(DEVICE, "meter-000123"),
        cred=Cred("Zz6EivR3yeaaENcRN6lpAQ==", MD5),
        meta=Meta(max_msg_size=16384, max_obj_size=1048576),
    ),
    (
        Alert(1201, 1),
        Replace(
            tuple(
                Item(source=Location(f"./DevInfo/{name}"), data=data)
                for name, data in DEV_INFO.items()
            ),
            2,
        ),
    ),
    final=True,
)
PACKAGE_2 = Message(
    Header("5F3A", 1, Location(DEVICE), Location(SERVER), resp_uri=f"{SERVER}?s=4mZtq8Rk0eXw"),
    (
        Status(
            1,
            0,
            "SyncHdr",
            212,
            1,
            (SERVER,),
            (DEVICE,),
            chal=Chal(Meta("b64", "syncml:auth-md5", next_nonce="cmFuZG9tLW5vbmNlLTE2")),
        ),
        Status(1, 1, "Alert", 200, 2),
        Status(1, 2, "Replace", 200, 3, source_refs=tuple(f"./DevInfo/{n}" for n in DEV_INFO)),
        Get((Item(target=Location(f"{FUMO}/State")),), 4),
        Replace(
            (
                Item(
                    target=Location(f"{FUMO}/DownloadAndUpdate/PkgURL"),
                    meta=Meta("chr", "text/plain"),
                    data="https://depot.example.org/p/4mZtq8Rk0eXw/firmware-2.4.1.bin",
                ),
            ),
            5,
        ),
        Exec((Item(target=Location(f"{FUMO}/DownloadAndUpdate")),), 6, correlator="op-7f3a91"),
    ),
    final=True,
)
MESSAGES = {"package 1": PACKAGE_1, "package 2": PACKAGE_2}
