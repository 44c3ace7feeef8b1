"""The device's effects: journal, downloader, update agents."""
