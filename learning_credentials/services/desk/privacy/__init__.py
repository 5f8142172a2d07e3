"""Erases what the app knows about a person, and gives a person everything that it knows."""

from learning_credentials.services.desk.privacy.export import export_learner
from learning_credentials.services.desk.privacy.retirement import retire_learner

__all__ = ["export_learner", "retire_learner"]
