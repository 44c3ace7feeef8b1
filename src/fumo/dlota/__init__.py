"""OMA Download 1.0: descriptors that lead to a package, and the report its server gets. Pure."""
