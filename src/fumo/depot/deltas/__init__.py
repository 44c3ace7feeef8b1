"""Deltas between two contents of the store, made by a process that may use so much and no more."""
