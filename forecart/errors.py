class ForecartError(Exception):
    """Something a person must act on. Its message says what was expected and what was found; no traceback needed."""
