"""The meaning of the management tree: one command on a tree gives a Status. Pure."""
