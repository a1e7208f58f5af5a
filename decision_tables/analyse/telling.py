"""Findings in plain words, in English, Dutch and French, by the vocabulary's own labels."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from babel import Locale, dates, lists, numbers

from decision_tables.analyse.findings import DAYS
from decision_tables.feel.temporal import Date, DaysDuration, YearsDuration
from decision_tables.feel.values import from_json, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from decision_tables.analyse.extent import Extent
    from decision_tables.analyse.findings import Finding, Region
    from decision_tables.regions import Interval
    from decision_tables.rulebook import Rulebook

__all__ = ["LANGUAGES", "region_told", "told", "witness_told"]

LANGUAGES: Final = ("en", "nl", "fr")
"""The languages that findings are told in; any other gets the first."""


def told(finding: Finding, rulebook: Rulebook, language: str) -> str:
    """What was found, as a sentence or two.

    Args:
        finding: of an analysis of the rulebook.
        rulebook: its labels and titles are used.
        language: `en`, `nl` or `fr`.
    """
    return _Teller(rulebook, language).finding(finding)


def region_told(region: Region, rulebook: Rulebook, language: str) -> str:
    """A region as a clause, `Age is less than 18 and Residence is US or CH`; empty for everything there is."""
    return _Teller(rulebook, language).region(region)


def witness_told(finding: Finding, rulebook: Rulebook, language: str) -> str:
    """The facts that show a finding, as a sentence; empty where there are none to be shown."""
    return _Teller(rulebook, language).example(finding)


class _Teller:
    """Says findings of one rulebook in one language."""

    def __init__(self, rulebook: Rulebook, language: str) -> None:
        self._language = language if language in LANGUAGES else LANGUAGES[0]
        self._locale = Locale.parse(_LOCALES[self._language])
        self._book = rulebook
        self._facts = {fact.key: fact for fact in rulebook.facts}

    def _say(self, phrase: str, **parts: object) -> str:
        return _PHRASES[phrase][LANGUAGES.index(self._language)].format(**parts)

    # -- findings -------------------------------------------------------------------------------------------

    def finding(self, finding: Finding) -> str:
        rows = [self._row(finding, table, rule) for table, rule in finding.rules]
        code = finding.code.removeprefix("analysis/")
        if code == "unproven":
            return self._unproven(finding, rows)
        parts: dict[str, object] = {
            "rows": self._all(rows),
            "first": rows[0] if rows else "",
            "others": self._all(rows[1:]) if len(rows) > 1 else "",
            "facts": self._all([self.label(fact) for fact in finding.facts]),
            "tables": self._all([self._title(table) for table, _ in finding.rules]),
            "count": finding.count,
            "where": self.region(finding.region),
        }
        phrase = code
        if code == "gap" and finding.where.column:
            phrase = "gap of all"
        elif code == "more":
            phrase = f"more {finding.unproven.removeprefix('analysis/')}" if finding.count else "and more"
        if finding.region and code not in {"shadowed", "redundant", "unreachable"}:
            said = self._say(phrase, **parts) + self._say("where", **parts)
        else:
            said = self._say(phrase, **parts)
        example = self.example(finding)
        said = said[:1].upper() + said[1:]
        return f"{said}. {example}" if example else f"{said}."

    def _unproven(self, finding: Finding, rows: Sequence[str]) -> str:
        parts = {
            "facts": self._all([self.label(fact) for fact in finding.facts]),
            "what": "",
        }
        if finding.unproven:
            parts["what"] = self._say(f"whether {finding.unproven.removeprefix('analysis/')}", **parts)
        said = self._say(f"unproven {finding.note}", **parts)
        if rows:
            said += self._say("concerns", rows=self._all(rows))
        if finding.region:
            said += self._say("where", where=self.region(finding.region))
        return f"{said}."

    def _row(self, finding: Finding, table: str, rule: str) -> str:
        if not rule:
            if any(formula.key == table for formula in self._book.formulas):
                return self._say("formula", table=self._title(table))
            return (
                self._say("default of", table=self._title(table)) if finding.witness else self._title(table)
            )
        if table == finding.where.table:
            return self._say("row", rule=rule)
        return self._say("row of", rule=rule, table=self._title(table))

    def _title(self, key: str) -> str:
        node = next((one for one in self._book.nodes if one.key == key), None)
        title = "" if node is None else node.title.said_in(self._language)
        return f"“{title or key}”"

    def example(self, finding: Finding) -> str:
        witness = finding.witness
        if witness is None:
            return ""
        facts = [self._given(fact, from_json(value)) for fact, value in witness.facts.items()]
        names = {name for name, _ in finding.region}
        if "as_of" in names:
            facts.append(self._say("on", day=self._day(witness.as_of)))
        if "known_on" in names:
            facts.append(self._say("known", day=self._day(witness.known_on)))
        return self._say("example", facts=self._all(facts)) if facts else ""

    def _given(self, fact: str, value: Any) -> str:
        kind = self._facts[fact].type if fact in self._facts else ""
        if isinstance(value, str) and kind == "date":
            value = Date.parse(value)
        if value is None:
            return f"{self.label(fact)} {self._say('null')}"
        return f"{self.label(fact)} {self._say('is', v=self._value(value, fact))}"

    # -- regions --------------------------------------------------------------------------------------------

    def region(self, region: Region) -> str:
        return self._all([self._clause(name, extent) for name, extent in region])

    def _clause(self, name: str, extent: Extent) -> str:
        label = self._say(name) if name in DAYS else self.label(name)
        clauses = list(self._clauses(name, extent))
        return f"{label} {self._either(clauses)}" if clauses else f"{label} {self._say('rest')}"

    def label(self, fact: str) -> str:
        found = self._facts.get(fact)
        if found is None:
            return f"“{fact}”"
        return found.label.said_in(self._language) or fact.replace("_", " ")

    def _clauses(self, name: str, extent: Extent) -> Iterator[str]:
        points: list[Any] = [] if extent.besides else sorted(extent.texts)
        points += sorted(extent.truths, reverse=True)
        spans = [span for _, some in extent.spans for span in some]
        points += [span.low for span in spans if span.low is not None and span.low == span.high]
        if len(points) > _MANY:
            more = self._say("others", count=len(points) - _MANY + 1)
            said = [self._value(point, name) for point in points[: _MANY - 1]]
            yield self._say("is", v=self._either([*said, more]))
        elif points:
            yield self._say("is", v=self._either([self._value(point, name) for point in points]))
        if extent.besides:
            texts = sorted(extent.texts)
            if len(texts) > _MANY:
                yield self._say("other text")
            elif texts:
                yield self._say("not", v=self._either([self._value(text, name) for text in texts]))
            else:
                yield self._say("any text")
        for span in spans:
            if span.low is None or span.low != span.high:
                yield self._span(span, name)
        if extent.rest:
            yield self._say("rest")
        if extent.null:
            yield self._say("null")

    def _span(self, span: Interval, name: str) -> str:
        low = None if span.low is None else self._value(span.low, name)
        high = None if span.high is None else self._value(span.high, name)
        day = " day" if isinstance(span.high if span.low is None else span.low, Date) else ""
        if low is None and high is None:
            return self._say("any")
        if low is None:
            return self._say(("at most" if span.high_closed else "less") + day, v=high)
        if high is None:
            return self._say(("at least" if span.low_closed else "more") + day, v=low)
        ends = {(True, True): "from", (True, False): "from until", (False, True): "after to"}
        return self._say(ends.get((span.low_closed, span.high_closed), "between") + day, a=low, b=high)

    # -- values ---------------------------------------------------------------------------------------------

    def _value(self, value: Any, fact: str = "") -> str:
        match value:
            case True:
                return self._say("yes")
            case False:
                return self._say("no")
            case Decimal() | int():
                number = self._number(Decimal(value))
                unit = self._facts[fact].unit if fact in self._facts else ""
                return f"{number} {unit}" if unit else number
            case str():
                plain = value.strip() == value and value and not set(value) & set(',;"“”\n')
                return value if plain else f"“{value}”"
            case Date():
                return self._day(value)
            case YearsDuration() | DaysDuration():
                return str(value)
        return text_of(value)

    def _number(self, value: Decimal) -> str:
        if abs(value.adjusted()) > _DIGITS or len(value.as_tuple().digits) > _DIGITS:
            return str(value)
        return numbers.format_decimal(value, locale=self._locale, decimal_quantization=False)

    def _day(self, day: Any) -> str:
        try:
            plain = day.as_python() if isinstance(day, Date) else day
        except ValueError:
            return str(day)
        return dates.format_date(plain, format="long", locale=self._locale)

    def _all(self, parts: Sequence[str]) -> str:
        return lists.format_list(list(parts), locale=self._locale)

    def _either(self, parts: Sequence[str]) -> str:
        return lists.format_list(list(parts), style="or", locale=self._locale)


_LOCALES: Final = {"en": "en_GB", "nl": "nl_BE", "fr": "fr_BE"}
_MANY: Final = 8
"""Values of a fact that are named one by one."""

_DIGITS: Final = 25

_PHRASES: Final[dict[str, tuple[str, str, str]]] = {
    # clauses after a label
    "is": ("is {v}", "is {v}", "est {v}"),
    "not": ("is not {v}", "is niet {v}", "n’est pas {v}"),
    "any text": ("is any text", "is om het even welke tekst", "est un texte quelconque"),
    "other text": ("is some other text", "is een andere tekst", "est un autre texte"),
    "any": ("is anything", "is om het even wat", "est quelconque"),
    "rest": ("is something else", "is iets anders", "est autre chose"),
    "null": ("is known not to exist", "bestaat niet, en dat is bekend", "n’existe pas, et on le sait"),
    "less": ("is less than {v}", "is minder dan {v}", "est inférieur à {v}"),
    "at most": ("is at most {v}", "is hoogstens {v}", "est au plus {v}"),
    "more": ("is more than {v}", "is meer dan {v}", "est supérieur à {v}"),
    "at least": ("is at least {v}", "is minstens {v}", "est au moins {v}"),
    "less day": ("is before {v}", "is vóór {v}", "est avant le {v}"),
    "at most day": ("is {v} at the latest", "is ten laatste {v}", "est au plus tard le {v}"),
    "more day": ("is after {v}", "is na {v}", "est après le {v}"),
    "at least day": ("is {v} at the earliest", "is ten vroegste {v}", "est au plus tôt le {v}"),
    "from": ("is from {a} to {b}", "is van {a} tot en met {b}", "va de {a} à {b}"),
    "from until": (
        "is at least {a} and less than {b}",
        "is minstens {a} en minder dan {b}",
        "est au moins {a} et inférieur à {b}",
    ),
    "after to": (
        "is more than {a} and at most {b}",
        "is meer dan {a} en hoogstens {b}",
        "est supérieur à {a} et au plus {b}",
    ),
    "between": (
        "is more than {a} and less than {b}",
        "is meer dan {a} en minder dan {b}",
        "est supérieur à {a} et inférieur à {b}",
    ),
    "from day": ("is from {a} to {b}", "is van {a} tot en met {b}", "va du {a} au {b}"),
    "from until day": (
        "is from {a} to {b}, {b} not included",
        "is van {a} tot {b}, {b} niet inbegrepen",
        "va de {a} à {b}, {b} non compris",
    ),
    "after to day": (
        "is from {a} to {b}, {a} not included",
        "is van {a} tot en met {b}, {a} niet inbegrepen",
        "va de {a} à {b}, {a} non compris",
    ),
    "between day": (
        "is between {a} and {b}, both not included",
        "ligt tussen {a} en {b}, beide niet inbegrepen",
        "est entre {a} et {b}, tous deux non compris",
    ),
    "yes": ("yes", "ja", "oui"),
    "no": ("no", "nee", "non"),
    "others": ("{count} others", "{count} andere", "{count} autres"),
    "as_of": ("the date of the facts", "de datum van de feiten", "la date des faits"),
    "known_on": (
        "the day whose law is known",
        "de dag waarop men oordeelt",
        "le jour où l’on juge",
    ),
    # parts of sentences
    "row": ("row {rule}", "rij {rule}", "la ligne {rule}"),
    "row of": ("row {rule} of {table}", "rij {rule} van {table}", "la ligne {rule} de {table}"),
    "default of": ("the default of {table}", "de standaard van {table}", "la valeur par défaut de {table}"),
    "formula": ("the formula {table}", "de formule {table}", "la formule {table}"),
    "where": (", where {where}", ", waar {where}", ", là où {where}"),
    "on": ("the facts are of {day}", "de feiten zijn van {day}", "les faits sont du {day}"),
    "known": ("one judges on {day}", "men oordeelt op {day}", "on juge le {day}"),
    "example": ("For example: {facts}.", "Bijvoorbeeld: {facts}.", "Par exemple : {facts}."),
    "concerns": (" ({rows})", " ({rows})", " ({rows})"),
    # findings
    "gap": ("No row answers", "Geen rij geeft antwoord", "Aucune ligne ne répond"),
    "gap of all": (
        "None of the tables that speak of {facts} answers",
        "Geen van de tabellen die over {facts} gaan geeft antwoord",
        "Aucune des tables qui traitent de {facts} ne répond",
    ),
    "no-rule-in-force": ("No row is in force", "Geen rij is van kracht", "Aucune ligne n’est en vigueur"),
    "overlap": (
        "{rows} apply at once, and only one may",
        "{rows} zijn tegelijk van toepassing, en maar één mag dat zijn",
        "{rows} s’appliquent à la fois, et une seule le peut",
    ),
    "two-in-force": (
        "{rows} have the same conditions and are in force at once",
        "{rows} hebben dezelfde voorwaarden en zijn tegelijk van kracht",
        "{rows} ont les mêmes conditions et sont en vigueur en même temps",
    ),
    "tie": (
        "{rows} apply at once with the same priority, and differ: their order alone decides",
        "{rows} zijn tegelijk van toepassing met dezelfde voorrang, en verschillen: alleen hun volgorde beslist",
        "{rows} s’appliquent à la fois avec la même priorité et diffèrent : seul leur ordre décide",
    ),
    "duplicate": (
        "{rows} say the same under the same conditions",
        "{rows} zeggen hetzelfde onder dezelfde voorwaarden",
        "{rows} disent la même chose sous les mêmes conditions",
    ),
    "shadowed": (
        "{first} never decides: wherever it applies, the matter is decided by {others} already",
        "{first} beslist nooit: overal waar zij geldt, is al beslist door {others}",
        "{first} ne décide jamais : partout où elle s’applique, la décision est déjà prise par {others}",
    ),
    "redundant": (
        "{first} adds nothing: {others} says the same wherever it applies",
        "{first} voegt niets toe: {others} zegt hetzelfde overal waar zij geldt",
        "{first} n’ajoute rien : {others} dit la même chose partout où elle s’applique",
    ),
    "empty-rule": (
        "{first} never applies: no value that {facts} may have meets its condition",
        "{first} is nooit van toepassing: geen waarde die {facts} kan hebben voldoet aan haar voorwaarde",
        "{first} ne s’applique jamais : aucune valeur que peut avoir {facts} ne remplit sa condition",
    ),
    "unreachable": (
        "{first} never applies: nothing concludes what it asks of {facts}",
        "{first} is nooit van toepassing: niets besluit tot wat zij van {facts} vraagt",
        "{first} ne s’applique jamais : rien ne conclut à ce qu’elle demande de {facts}",
    ),
    "contradiction": (
        "{rows} contradict each other on {facts}",
        "{rows} spreken elkaar tegen over {facts}",
        "{rows} se contredisent sur {facts}",
    ),
    "ungrounded-cycle": (
        "{tables} wait for each other, and none can begin: {facts} can never be concluded",
        "{tables} wachten op elkaar, en geen kan beginnen: tot {facts} kan nooit worden besloten",
        "{tables} s’attendent les unes les autres, et aucune ne peut commencer : {facts} ne peut jamais être conclu",
    ),
    "unread-fact": (
        "No table reads {facts}, and no query asks for it",
        "Geen tabel leest {facts}, en geen vraag vraagt ernaar",
        "Aucune table ne lit {facts}, et aucune requête ne le demande",
    ),
    "unconcluded-fact": (
        "{facts} is read, but nothing concludes it and no question asks for it",
        "{facts} wordt gelezen, maar niets besluit ertoe en geen vraag vraagt ernaar",
        "{facts} est lu, mais rien ne le conclut et aucune question ne le demande",
    ),
    "and more": (
        "There is more of the same kind than is told here",
        "Er is meer van dezelfde soort dan hier wordt gezegd",
        "Il y en a davantage du même genre qu’il n’est dit ici",
    ),
    "more overlap": (
        "{count} more pairs of rows apply at once",
        "Nog {count} paren rijen zijn tegelijk van toepassing",
        "{count} autres paires de lignes s’appliquent à la fois",
    ),
    "more contradiction": (
        "{count} more pairs of rows may contradict each other on {facts}",
        "Nog {count} paren rijen kunnen elkaar tegenspreken over {facts}",
        "{count} autres paires de lignes peuvent se contredire sur {facts}",
    ),
    # what could not be decided
    "whether gap": (
        "whether some row always answers",
        "of er altijd een rij antwoord geeft",
        "si une ligne répond toujours",
    ),
    "whether no-rule-in-force": (
        "whether some row is always in force",
        "of er altijd een rij van kracht is",
        "si une ligne est toujours en vigueur",
    ),
    "whether overlap": (
        "whether rows apply at once",
        "of rijen tegelijk van toepassing zijn",
        "si des lignes s’appliquent à la fois",
    ),
    "whether two-in-force": (
        "whether rows are in force at once",
        "of rijen tegelijk van kracht zijn",
        "si des lignes sont en vigueur en même temps",
    ),
    "whether tie": (
        "whether rows of the same priority apply at once",
        "of rijen met dezelfde voorrang tegelijk van toepassing zijn",
        "si des lignes de même priorité s’appliquent à la fois",
    ),
    "whether duplicate": (
        "whether the same is said twice",
        "of hetzelfde tweemaal wordt gezegd",
        "si la même chose est dite deux fois",
    ),
    "whether shadowed": (
        "whether the row ever decides",
        "of de rij ooit beslist",
        "si la ligne décide jamais",
    ),
    "whether redundant": (
        "whether the row adds anything",
        "of de rij iets toevoegt",
        "si la ligne ajoute quelque chose",
    ),
    "whether contradiction": (
        "whether tables contradict each other on {facts}",
        "of tabellen elkaar tegenspreken over {facts}",
        "si des tables se contredisent sur {facts}",
    ),
    "unproven budget": (
        "There is too much to look at to say {what}",
        "Er is te veel te bekijken om te zeggen {what}",
        "Il y a trop à examiner pour dire {what}",
    ),
    "unproven tests": (
        "Only the tests themselves can say {what}, for they reckon or read other facts",
        "Alleen de voorwaarden zelf kunnen zeggen {what}, want zij rekenen of lezen andere feiten",
        "Seules les conditions elles-mêmes peuvent dire {what}, car elles calculent ou lisent d’autres faits",
    ),
    "unproven reached": (
        "No facts were found by which it comes to this, nor proof that there are none: it is open {what}",
        "Er zijn geen feiten gevonden waardoor het hiertoe komt, en geen bewijs dat er geen zijn: het is open {what}",
        "On n’a trouvé ni faits qui y mènent, ni preuve qu’il n’y en a pas : la question reste ouverte {what}",
    ),
    "unproven type": (
        "{facts} has no type, and was looked at only as the kinds of value that the conditions name",
        "{facts} heeft geen type, en is alleen bekeken als de soorten waarden die de voorwaarden noemen",
        "{facts} n’a pas de type, et n’a été examiné que pour les sortes de valeurs que nomment les conditions",
    ),
}
