"""An example of each body that a request may have, for the description of the API.

A test sends them all: what stands here is taken by the server.
"""

from typing import Any

SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
PASSWORD = "correct horse battery staple"

EXAMPLES: dict[str, Any] = {
    "NewDelta": {"base": 1, "format": "zstd"},
    "NewDevice": {
        "id": "IMEI:004999010640000",
        "user": "IMEI:004999010640000",
        "password": "what the device proves itself by",
        "server_password": "what the server proves itself by",
        "profile": "standard",
    },
    "Marking": {
        "devices": ["IMEI:004999010640000"],
        "set": {"site": "Berlin", "owner": None},
        "add": ["pilot"],
        "remove": ["lab"],
    },
    "Package": {
        "id": 0,
        "name": "gateway",
        "version": "2.1",
        "sha256": SHA256,
        "length": 4,
        "model": "gateway-3",
        "from_version": None,
    },
    "NewUpload": {"length": 4, "sha256": SHA256},
    "Terms": {
        "starts": False,
        "shares": [10, 40],
        "success_percent": 90,
        "error_percent": 10,
        "rate": 60,
    },
    "NewCampaign": {
        "package": "gateway@2.1",
        "devices": ["IMEI:004999010640000"],
        "operation": "downloadandupdate",
        "name": "gateways to 2.1",
    },
    "Anew": {"ends": ["failed", "unknown"]},
    "Reason": {"reason": "the pilot group reported no trouble"},
    "NewDevices": {
        "devices": [
            {
                "id": "IMEI:004999010640001",
                "user": "IMEI:004999010640001",
                "password": "what this device proves itself by",
                "server_password": "what the server proves itself by",
            }
        ]
    },
    "NewIdentities": {"devices": [{"id": "IMEI:004999010640002", "name": "IMEI:004999010640002"}]},
    "DeviceNamed": {"device": "IMEI:004999010640000"},
    "NewBinding": {"device": "IMEI:004999010640000", "key_sha256": SHA256},
    "NewBootstrap": {
        "device": "IMEI:004999010640000",
        "url": "https://dm.example/dm",
        "kind": "cp",
        "makes_pin": True,
    },
    "NewNotice": {"device": "IMEI:004999010640000", "to": "192.0.2.17:2948", "ui": "informative"},
    "NewWebhook": {"url": "https://example.org/fumo", "kinds": ["operation"], "after": None},
    "NewUser": {"name": "maria", "role": "operator", "password": PASSWORD},
    "UserChange": {"role": "viewer"},
    "NewToken": {"user": "maria", "label": "nightly build", "role": "viewer", "lasts_s": 2592000},
    "NewSession": {"name": "maria", "password": PASSWORD},
    "NewPassword": {"old": PASSWORD, "new": "another good password"},
    "QuotaChange": {"most": 500},
}
