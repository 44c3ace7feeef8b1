"""A state-space checker whose transition function is the production code of `fumo.update`.

world.py     one state of device, boot environment, network and server, as a small tuple
rooms.py     the production code, each answer remembered
slots.py     the boot environment: slots, trial, fallback
device.py    the device's moves; each save and each effect is a move of its own
talk.py      the device's half of a session, heard through the production lock-step
server.py    the server's half: planned, sent, accepted, told, counted
promises.py  the invariants I1 to I9
search.py    breadth first over all worlds; a trace for what is broken; possibility I10
configs.py   how much may go wrong, and the flaws that the checker must find
check.py     `python -m tests.model.check --states N`
"""
