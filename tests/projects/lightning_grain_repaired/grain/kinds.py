KINDS = ("wheat", "rye", "barley", "oat")


def number_of(name):
    return KINDS.index(name)
