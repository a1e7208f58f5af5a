"""The face for policy staff: server-rendered pages on the same use cases as the API."""
