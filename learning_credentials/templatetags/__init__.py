"""Provide the template tags of the admin's pages."""
