"""How well a rulebook's cases test its tables: coverage, independence of conditions, mutants and what kills them."""

from decision_tables.adequacy.candidates import Candidates
from decision_tables.adequacy.coverage import CellCoverage, Coverage, RuleCoverage, TableCoverage, coverage
from decision_tables.adequacy.examples import example_of
from decision_tables.adequacy.independence import Pair, Unpaired, pairs
from decision_tables.adequacy.killing import Unkilled, case_that_kills
from decision_tables.adequacy.mutants import Judged, Mutant, MutantKind, Mutation, mutants_of

__all__ = [
    "Candidates",
    "CellCoverage",
    "Coverage",
    "Judged",
    "Mutant",
    "MutantKind",
    "Mutation",
    "Pair",
    "RuleCoverage",
    "TableCoverage",
    "Unkilled",
    "Unpaired",
    "case_that_kills",
    "coverage",
    "example_of",
    "mutants_of",
    "pairs",
]
