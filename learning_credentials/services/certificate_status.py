"""Keeps the public name of the rules for certificate statuses, which host projects know as this module."""

from learning_credentials.services.standings import CertificateFacts, decide

__all__ = ["CertificateFacts", "decide"]
