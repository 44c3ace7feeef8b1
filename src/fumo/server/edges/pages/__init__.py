"""The pages: one file a subject, each with its routes; `cards` and `rows` are what they show."""
