"""Provide what the public pages and the REST API share: paths, rate limits, answers as JSON, cross-origin access and counting visits."""
