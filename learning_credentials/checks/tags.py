"""The tag of the app's system checks: ``manage.py check --tag learning_credentials``."""

TAG = "learning_credentials"
