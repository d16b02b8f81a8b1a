"""The warehouse's history of structure, for Alembic."""
