"""What the commands say when they cannot go on."""


class refused(Exception):
    """One clear sentence for the user; the command ends with exit status 1."""
