"""The OMA DM 1.2 protocol as values: messages, codecs, sessions, authentication. Pure."""
