"""The DM client: the agent that carries out firmware operations."""
