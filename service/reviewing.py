"""A draft's review: what was seen of it, what was said of it, and whether a second pair of eyes approved it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from service.store import Remark, RemarkKind

__all__ = ["Review"]

_VERDICTS = frozenset({RemarkKind.APPROVED, RemarkKind.CHANGES_ASKED})


@dataclass(frozen=True)
class Review:
    """The review of a draft as it stands.

    Attributes:
        revision: the draft's revision; a verdict on an earlier one has lapsed.
        four_eyes: whether somebody other than its authors has to approve it before it is published.
        authors: who changed it.
        remarks: all that was said, oldest first.
    """

    revision: int
    four_eyes: bool
    authors: frozenset[str]
    remarks: tuple[Remark, ...]

    def is_own(self, login: str) -> bool:
        """Whether the change is that person's own."""
        return login in self.authors

    @property
    def verdicts(self) -> tuple[Remark, ...]:
        """The last verdict of each reviewer on this revision, oldest first.

        Where four eyes are asked for, authors have none.
        """
        last: dict[str, Remark] = {}
        for remark in self.remarks:
            if remark.kind in _VERDICTS and remark.revision == self.revision:
                if self.four_eyes and self.is_own(remark.author):
                    continue
                last.pop(remark.author, None)
                last[remark.author] = remark
        return tuple(last.values())

    @property
    def approved_by(self) -> tuple[str, ...]:
        """Who approved this revision."""
        return tuple(one.author for one in self.verdicts if one.kind is RemarkKind.APPROVED)

    @property
    def asked_by(self) -> tuple[str, ...]:
        """Who asked for changes to this revision."""
        return tuple(one.author for one in self.verdicts if one.kind is RemarkKind.CHANGES_ASKED)

    @property
    def stands_in_the_way(self) -> bool:
        """Whether it keeps the draft from being published."""
        return self.four_eyes and (not self.approved_by or bool(self.asked_by))

    @property
    def asked(self) -> Remark | None:
        """The last word that a review is wanted, for as long as nobody has judged the draft since."""
        told = [one for one in self.remarks if one.kind in {*_VERDICTS, RemarkKind.REVIEW_ASKED}]
        return told[-1] if told and told[-1].kind is RemarkKind.REVIEW_ASKED else None

    def seen_by(self, place: str, rule: str, seal: str) -> tuple[str, ...]:
        """Who has seen a change as it is now; a change that was changed again is to be seen again."""
        return tuple(self._seen.get((place, rule, seal), ()))

    @cached_property
    def _seen(self) -> dict[tuple[str, str, str], dict[str, None]]:
        """Who has seen what, in the order in which they did: a page asks for each of its thousands of rows."""
        found: dict[tuple[str, str, str], dict[str, None]] = {}
        for one in self.remarks:
            if one.kind is RemarkKind.SEEN:
                found.setdefault((one.place, one.rule, one.seal), {})[one.author] = None
        return found

    def comments_on(self, place: str, rule: str) -> tuple[tuple[Remark, Remark | None], ...]:
        """The comments on a rule, each with what settled it."""
        return tuple((one, self._settled.get(one.id)) for one in self._comments.get((place, rule), ()))

    @cached_property
    def _comments(self) -> dict[tuple[str, str], list[Remark]]:
        """The comments by where they are, in the order of the first of each place."""
        found: dict[tuple[str, str], list[Remark]] = {}
        for one in self.remarks:
            if one.kind is RemarkKind.COMMENT:
                found.setdefault((one.place, one.rule), []).append(one)
        return found

    @cached_property
    def _settled(self) -> dict[int | None, Remark]:
        """What settled a comment, by its id."""
        return {one.about: one for one in self.remarks if one.kind is RemarkKind.SETTLED}

    def open_on(self, place: str) -> dict[str, int]:
        """How many comments on each rule of a table nobody has settled."""
        return Counter(
            one.rule
            for (where, _), comments in self._comments.items()
            for one in comments
            if where == place and one.id not in self._settled
        )

    @property
    def commented(self) -> tuple[tuple[str, str], ...]:
        """The places that somebody commented, in the order of the first comments."""
        return tuple(self._comments)

    @property
    def open_comments(self) -> int:
        """How many comments nobody has settled."""
        return sum(one.id not in self._settled for comments in self._comments.values() for one in comments)
