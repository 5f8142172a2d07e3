"""Provide the page that certificates are drawn on: an operator's PDF, or the built-in one."""
