"""The DM server: orders updates and counts each result once."""
