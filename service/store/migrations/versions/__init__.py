"""One module a revision, in Alembic's form."""
