"""The cellar: everything at rest, in Postgres and Redis."""
