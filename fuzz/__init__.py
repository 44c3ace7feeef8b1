"""Coverage-guided fuzzing of everything that reads a stranger's bytes: `python3 dev.py fuzz`."""
