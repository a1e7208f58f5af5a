"""The core: text and facts in, values out; no web, no database, no clock."""
