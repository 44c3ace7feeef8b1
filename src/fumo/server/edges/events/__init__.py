"""Events as they leave the server: the feed, who follows it, and how long it is kept."""
