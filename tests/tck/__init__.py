"""The DMN Technology Compatibility Kit, run through decidable."""
