"""The server's effects: store, admin API, pages."""
