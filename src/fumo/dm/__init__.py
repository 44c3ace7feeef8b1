"""The OMA DM 1.2 protocol as values: messages, codecs, sessions, authentication. Pure."""

from fumo.dm.codec import decode, encode, form_of, sniff
from fumo.dm.message import WBXML, XML, Envelope, Message

__all__ = ["WBXML", "XML", "Envelope", "Message", "decode", "encode", "form_of", "sniff"]
