"""Packs: folders of nodes with a manifest. Found, loaded and indexed here; the built-in ones by the same calls."""
