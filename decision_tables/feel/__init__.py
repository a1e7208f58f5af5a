"""FEEL, DMN's expression language (DMN 1.5, chapter 10), compiled to closures."""
