"""The public Python facade."""
