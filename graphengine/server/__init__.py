"""The service: HTTP and websockets over a store of jobs; it never imports torch, numpy or the code of a pack."""
