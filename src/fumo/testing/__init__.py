"""In-memory worlds: every port, no mocks."""
