"""The command line: parse, compose, call a main, print."""
