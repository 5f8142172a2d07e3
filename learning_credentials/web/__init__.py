"""Provide the pages of the app: the public page of a credential, its file, and a learner's own list."""
