"""`python -m fumo`: the program `fumo`."""

from fumo.cli import main

main()
