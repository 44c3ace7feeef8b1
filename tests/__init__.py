"""The tests of Fumo; one folder a room, `house` for the ground rules."""
