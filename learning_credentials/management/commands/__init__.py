"""Provide the management commands of the app."""
