"""What is kept: SQLModel rows, transactions in the words of the domain, the decision log.

`Store` is the door; what comes out of it are the frozen values of `records`, never rows.
"""

from service.store.ids import uuid7
from service.store.log import DecisionLog
from service.store.people import People
from service.store.records import (
    Account,
    Activation,
    ApiKey,
    AuditLine,
    Credentials,
    DecisionRecord,
    Draft,
    DraftChange,
    DraftHead,
    Release,
    ReleaseHead,
    Remark,
    RemarkKind,
    RulebookHead,
    StaffSession,
)
from service.store.store import Store

__all__ = [
    "Account",
    "Activation",
    "ApiKey",
    "AuditLine",
    "Credentials",
    "DecisionLog",
    "DecisionRecord",
    "Draft",
    "DraftChange",
    "DraftHead",
    "People",
    "Release",
    "ReleaseHead",
    "Remark",
    "RemarkKind",
    "RulebookHead",
    "StaffSession",
    "Store",
    "uuid7",
]
