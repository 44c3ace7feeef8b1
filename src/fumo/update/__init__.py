"""The firmware operation: what is owed, and what follows. Pure."""
