"""Waking devices: its rows, and the thread that has them sent."""
