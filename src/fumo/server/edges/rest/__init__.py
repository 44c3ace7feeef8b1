"""`/api/v1`: one file a resource, each with its models and its routes."""
