"""System checks: each broken setting is named, with a hint how to fix it. Importing this package registers them."""

from learning_credentials.checks import access, badges, broker, fields, fonts, installation, mail

__all__ = ["access", "badges", "broker", "fields", "fonts", "installation", "mail"]
