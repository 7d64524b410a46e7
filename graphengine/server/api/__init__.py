"""Handlers of our own interface: parse, call one function, reply."""
