"""AUTOMATIC1111's web UI."""
