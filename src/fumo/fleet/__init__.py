"""Many devices, faults between real processes, and the evidence: the demo."""
