"""Measures Fumo beside its peers and the physical limits, in one run. `python3 dev.py bench`."""
