"""Real servers under load, killed again and again: nothing is lost, nothing counted twice."""
