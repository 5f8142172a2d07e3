"""stub"""


def check_asset(kind, content):
    """stub"""
