"""The one error of this package."""


class WeightsError(ValueError):
    """A weights file cannot be used; the message names the file, what is wrong with it and what to do."""
