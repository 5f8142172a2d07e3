"""The REST API, by version."""
