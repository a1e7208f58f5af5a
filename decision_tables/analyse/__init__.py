"""Static analysis of tables and rulebooks: holes and contradictions in the law, before a citizen meets them.

What it reports is so: facts are shown with it, and the engine has been asked about them. What it could not decide is
reported as unproven, and what it passes over in silence is proven to be in order.
"""

from decision_tables.analyse.extent import Extent
from decision_tables.analyse.findings import (
    CODES,
    DAYS,
    Analysis,
    Finding,
    Region,
    Severity,
    Witness,
    finding_json,
    region_json,
)
from decision_tables.analyse.judging import Judged, judged, rekeyed
from decision_tables.analyse.mending import row_for
from decision_tables.analyse.search import BUDGET
from decision_tables.analyse.telling import LANGUAGES, region_told, told, witness_told
from decision_tables.analyse.whole import AnalysisMemory, analyse, analyse_table

__all__ = [
    "BUDGET",
    "CODES",
    "DAYS",
    "LANGUAGES",
    "Analysis",
    "AnalysisMemory",
    "Extent",
    "Finding",
    "Judged",
    "Region",
    "Severity",
    "Witness",
    "analyse",
    "analyse_table",
    "finding_json",
    "judged",
    "region_json",
    "region_told",
    "rekeyed",
    "row_for",
    "told",
    "witness_told",
]
