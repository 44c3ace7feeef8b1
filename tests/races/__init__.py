"""Orders of operators against messages of devices, in every order that anybody could think of."""
