"""Who comes, by what proof, and how often. The rows are shared by all processes of a database."""
