"""A process that owns an engine and runs jobs, and how another process speaks to it."""
