"""One DM body over HTTP, both ends."""
