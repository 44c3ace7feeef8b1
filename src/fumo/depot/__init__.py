"""The package store and its download server."""
