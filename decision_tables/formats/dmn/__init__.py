"""DMN's XML: 1.1 to 1.5 in, 1.5 out."""

from decision_tables.formats.dmn.again import read_again
from decision_tables.formats.dmn.read import ModelReading, imports_of, read_dmn
from decision_tables.formats.dmn.write import write_dmn

__all__ = ["ModelReading", "imports_of", "read_again", "read_dmn", "write_dmn"]
