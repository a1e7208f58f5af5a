"""The shapes of what is wrong with a rulebook: diagnostics of what is written, findings of the analysis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import Meta, Struct

from decision_tables.analyse import Finding, Judged, finding_json, told
from decision_tables.formats import address_of
from service.api.wire import DiagnosticShape

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from decision_tables.diagnostics import Diagnostic, Where
    from decision_tables.rulebook import Acknowledgement, Rulebook

__all__ = ["AcknowledgementBody", "AcknowledgementShape", "FindingShape", "Report", "report_of"]


class AcknowledgementShape(Struct, kw_only=True):
    """What authors said of a finding."""

    finding: str
    verdict: Annotated[str, Meta(description="`impossible` or `intended`.")]
    reason: str
    about: Annotated[str, Meta(description="The finding as it read when this was said.")]

    @classmethod
    def of(cls, said: Acknowledgement) -> AcknowledgementShape:
        """The shape of an acknowledgement."""
        return cls(finding=said.finding, verdict=said.verdict, reason=said.reason, about=said.about)


class RuleRef(Struct, kw_only=True):
    """A rule."""

    table: str
    rule: str


class FindingShape(Struct, kw_only=True):
    """Something that the analysis found; `code` is stable and has a heading in docs/errors.md."""

    code: str
    key: Annotated[str, Meta(description="The same for as long as what the finding rests on stays as it is.")]
    severity: Annotated[str, Meta(description="`error`, `warning` or `info`.")]
    table: str
    rule: str
    column: str
    text: Annotated[str, Meta(description="In plain words.")]
    rules: list[RuleRef]
    region: Annotated[list[dict[str, Any]], Meta(description="For each fact the values that it holds for.")]
    witness: Annotated[
        dict[str, Any] | None,
        Meta(description="Facts, as-of and known-on dates that show it; the engine has answered them so."),
    ]
    facts: list[str]
    unproven: Annotated[str, Meta(description="Of what could not be decided, the code that it would have.")]
    note: str
    count: int
    acknowledged: AcknowledgementShape | None = None

    @classmethod
    def of(
        cls, finding: Finding, rulebook: Rulebook, language: str, said: Acknowledgement | None = None
    ) -> FindingShape:
        """The shape of a finding."""
        plain = finding_json(finding)
        plain["rules"] = [RuleRef(**rule) for rule in plain["rules"]]
        return cls(
            **plain,
            text=told(finding, rulebook, language),
            acknowledged=None if said is None else AcknowledgementShape.of(said),
        )


class Report(Struct, kw_only=True):
    """Everything that is to be said against a rulebook.

    `complete` says whether the analysis decided everything: what no finding speaks of is then proven to be in order.
    """

    rulebook: str
    errors: Annotated[int, Meta(description="Diagnostics that keep it from being published.")]
    warnings: int
    diagnostics: list[DiagnosticShape]
    analysed: Annotated[bool, Meta(description="False where it does not compile.")]
    complete: bool
    findings: Annotated[list[FindingShape], Meta(description="Acknowledged ones come last.")]
    stale: Annotated[
        list[AcknowledgementShape],
        Meta(description="Said of findings that are no more: what they rested on has changed."),
    ]


class AcknowledgementBody(Struct, kw_only=True, forbid_unknown_fields=True):
    """What is to be said of a finding."""

    verdict: Literal["impossible", "intended"]
    reason: Annotated[str, Meta(min_length=1, max_length=4000)]


def report_of(
    rulebook: Rulebook,
    diagnostics: Iterable[Diagnostic],
    judged: Judged | None,
    language: str = "en",
    *,
    addresses: Mapping[Where, str] | None = None,
) -> Report:
    """All that is to be said against a rulebook.

    Args:
        rulebook: the rulebook.
        diagnostics: what is wrong with it as it is written.
        judged: what the analysis finds; None where it does not compile.
        language: in which findings are told.
        addresses: of a workbook, the cells in which its pieces stand.
    """
    told_of = list(diagnostics)
    errors = sum(found.is_error for found in told_of)
    findings: list[FindingShape] = []
    if judged is not None:
        findings += [FindingShape.of(one, rulebook, language) for one in judged.open]
        findings += [FindingShape.of(one, rulebook, language, said) for one, said in judged.acknowledged]
    return Report(
        rulebook=rulebook.key,
        errors=errors,
        warnings=len(told_of) - errors,
        diagnostics=[
            DiagnosticShape.of(found, address_of(found.where, addresses or {})) for found in told_of
        ],
        analysed=judged is not None,
        complete=judged is not None and not any(one.code == "analysis/unproven" for one in findings),
        findings=findings,
        stale=[] if judged is None else [AcknowledgementShape.of(one) for one in judged.stale],
    )
