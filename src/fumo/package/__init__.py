"""What an update package is, and whether it fits a device. Pure."""
