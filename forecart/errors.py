class ForecartError(Exception):
    """Something a person must act on. Its message says what was expected and what was found; no traceback needed."""

    def __str__(self) -> str:
        """Without what would steer a terminal or end a text: what was found may be any bytes."""
        return "".join(letter if letter.isprintable() or letter == "\n" else "·" for letter in super().__str__())
