"""How kinds of devices differ from the standard, as data, and how they speak. Pure."""
