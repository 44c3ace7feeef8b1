"""The boot environment: what chooses the slot at every start of the machine, and counts trials.

Two copies, `env-0` and `env-1`, each with a sequence number and a CRC, written by turns: a cut
tears at most the older one, and the newer valid copy is the truth. This code stands for the boot
loader: the agent asks it to try a slot and to commit to it, but never chooses.

    arm      try `slot` at the next boot, for the operation whose `token` it carries (record D5)
    boot     once at each start: count a trial, or give the slot up after TRIALS_MAX of them
    commit   the running trial slot is good from now on (record D6)
"""

import binascii

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from fumo.device.files import Files
from fumo.errors import MisuseError

COPIES = ("env-0", "env-1")
SLOTS = ("slot-a", "slot-b")
TRIALS_MAX = 3
COPY_LENGTH = 4096
CRC_LENGTH = 4


class Image(Struct, frozen=True):
    """What was put into a slot, as far as the environment was told."""

    version: str
    length: int
    sha256: str
    security_counter: int = 0


class Trial(Struct, frozen=True):
    """A slot that is to be tried, or is being tried; `boots` counts its starts so far."""

    slot: str
    token: str
    boots: int = 0


class Env(Struct, frozen=True):
    """The environment as a value. `good` always holds an image that can be started."""

    sequence: int
    good: str
    running: str
    images: dict[str, Image]
    trial: Trial | None = None
    good_token: str | None = None
    fell_back_token: str | None = None
    security_counter: int = 0


class BootEnv:
    """The environment on disk. Every method that changes it is one durable write."""

    def __init__(self, files: Files) -> None:
        """`files` is the folder that also holds the slots."""
        self._files = files

    def read(self) -> Env | None:
        """The newest valid copy; None when there is none, and nobody can tell anything."""
        valid = [env for env in map(self._read_copy, COPIES) if env is not None]
        return max(valid, key=lambda env: env.sequence, default=None)

    def known(self) -> Env:
        """The environment where it must exist; OSError when neither copy can be read."""
        env = self.read()
        if env is None:
            raise OSError("no valid copy of the boot environment")
        return env

    def install(self, slot: str, image: Image) -> None:
        """The first environment ever, `slot` good and running; a copy that exists is whole."""
        counter = image.security_counter
        for sequence, name in enumerate(COPIES):
            first = Env(sequence, slot, slot, {slot: image}, security_counter=counter)
            self._files.replace(name, _pack(first))

    def boot(self) -> Env:
        """The machine starts: choose the slot. Called once, before the agent is built."""
        env = self.known()
        trial = env.trial
        if trial is None:
            return env if env.running == env.good else self._write(replace(env, running=env.good))
        if trial.boots >= TRIALS_MAX:
            given_up = replace(env, trial=None, running=env.good, fell_back_token=trial.token)
            return self._write(given_up)
        counted = replace(trial, boots=trial.boots + 1)
        return self._write(replace(env, trial=counted, running=trial.slot))

    def arm(self, slot: str, token: str, image: Image) -> None:
        """Try `slot` at the next boot."""
        env = self.known()
        if slot in (env.good, env.running):
            raise MisuseError(f"{slot} runs or is the one to fall back to")
        self._write(replace(env, trial=Trial(slot, token), images={**env.images, slot: image}))

    def disarm(self, slot: str) -> None:
        """Never try `slot`, which is about to be overwritten."""
        env = self.known()
        if env.trial is not None and env.trial.slot == slot:
            self._write(replace(env, trial=None))

    def commit(self, token: str) -> None:
        """The slot on trial for `token` is good; done twice it does no harm."""
        env = self.known()
        if env.trial is None and env.good_token == token:
            return
        if env.trial is None or env.trial.token != token or env.running != env.trial.slot:
            raise MisuseError(f"no slot runs on trial for {token}")
        counter = max(env.security_counter, env.images[env.running].security_counter)
        good = replace(env, good=env.running, good_token=token, trial=None)
        self._write(replace(good, security_counter=counter))

    def _write(self, env: Env) -> Env:
        """Over the older copy, so that the newer one stands whatever happens."""
        newer = replace(env, sequence=env.sequence + 1)
        name = COPIES[newer.sequence % 2]
        self._files.write(name, 0, _pack(newer))
        self._files.sync(name)
        return newer

    def _read_copy(self, name: str) -> Env | None:
        return _unpack(self._files.read(name, 0, COPY_LENGTH))


def _pack(env: Env) -> bytes:
    """CRC, then JSON padded with spaces: every copy has one length, so it is written in place."""
    text = msgspec.json.encode(env).ljust(COPY_LENGTH - CRC_LENGTH)
    if len(text) > COPY_LENGTH - CRC_LENGTH:
        raise MisuseError(f"an environment of {len(text)} bytes is too long")
    return binascii.crc32(text).to_bytes(CRC_LENGTH, "big") + text


def _unpack(data: bytes) -> Env | None:
    crc, text = data[:CRC_LENGTH], data[CRC_LENGTH:]
    if len(data) != COPY_LENGTH or binascii.crc32(text).to_bytes(CRC_LENGTH, "big") != crc:
        return None
    try:
        return msgspec.json.decode(text, type=Env)
    except msgspec.DecodeError:
        return None
