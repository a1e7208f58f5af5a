"""The running service: engine, store, use cases, HTTP."""
