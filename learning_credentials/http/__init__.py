"""What the public pages and the REST API share: rate limits, answers as JSON, reading from other sites, what counts as a visit."""
