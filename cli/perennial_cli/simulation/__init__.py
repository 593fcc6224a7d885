"""A twin of the outside world, with faults, and the laws checked over what it saw."""
