"""Deltas as rows, and the thread that has them made, one at a time for all servers."""
