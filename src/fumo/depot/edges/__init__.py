"""Where the depot keeps contents: a folder, or an S3."""
