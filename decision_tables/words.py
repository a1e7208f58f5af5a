"""The same words in several languages."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Words"]


@dataclass(frozen=True, slots=True)
class Words:
    """The same words in several languages; `by_language` maps `en`, `nl`, `fr`, … to text."""

    by_language: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return any(self.by_language.values())

    def said_in(self, language: str) -> str:
        """The words in that language, else in the first language that has them, else the empty string."""
        found = self.by_language.get(language)
        return found or next((text for text in self.by_language.values() if text), "")
