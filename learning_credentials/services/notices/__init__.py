"""Notices: e-mail to learners, and what the app owes other systems."""

from learning_credentials.services.notices.mail import announce_credentials, announce_pending_credentials
from learning_credentials.services.notices.message_work import WorkResult, work_off_messages

__all__ = ["WorkResult", "announce_credentials", "announce_pending_credentials", "work_off_messages"]
