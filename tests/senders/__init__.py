"""Senders against their real counterparts."""
