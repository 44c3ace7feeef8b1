"""The package store and its download server: own listener, own process."""
