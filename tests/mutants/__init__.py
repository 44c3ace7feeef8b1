"""Mutants: one wrong line in a copy of the program, and a test that must notice.

mutants.py     the table: what is broken, where, and what must notice
killers.py     what notices: commands that pass on the program as it is
harness.py     makes a copy, edits it, runs a killer in it, judges what came of it
home.py        runs inside the copy, and only there
test_mutants.py, test_harness.py
"""
