"""The table of API changes."""


def watches(path: str) -> bool:
    return False
