"""Provide the operator's desk: pages that put together what many tables say."""
