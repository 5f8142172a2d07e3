"""Provide the REST API, one package for each version."""
