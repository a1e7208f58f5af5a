"""The words that stand in a workbook beside the rules: written in one language, read in three."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

import msgspec

from decision_tables.diagnostics import near_miss
from decision_tables.said import said
from decision_tables.table import HitPolicy

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "ASPECTS",
    "CASE_COLUMNS",
    "EXPECT_COLUMNS",
    "HOW_TO",
    "LANGUAGES",
    "WORDS",
    "concept_of",
    "folded",
    "headed",
    "hit_policy_of",
    "language_among",
    "names_in",
    "nearly",
    "truth_of",
    "word_of",
    "words_in",
]

LANGUAGES: Final = ("en", "nl", "fr")

EXPECT_COLUMNS: Final = (
    *("conclusions", "certain", "possible", "lacks"),
    *("undetermined", "referred", "carries", "unflagged"),
)
"""The columns of a sheet of cases that say what is expected."""

CASE_COLUMNS: Final = ("case", "name", "as_of", "known_on", "given", *EXPECT_COLUMNS, "note")
"""All columns of a sheet of cases, in the order in which they are written."""

WORDS: Final[dict[str, tuple[str, str, str]]] = {
    # Sheets, and what names their first column
    "rulebook": ("Rulebook", "Regelboek", "Recueil"),
    "facts": ("Facts", "Gegevens", "Faits"),
    "formulas": ("Formulas", "Formules", "Formules"),
    "queries": ("Queries", "Zoekvragen", "Requêtes"),
    "cases": ("Cases", "Gevallen", "Cas"),
    "kept": ("Kept", "Bewaard", "Conservé"),
    "table": ("Table", "Tabel", "Table"),
    "fact": ("Fact", "Gegeven", "Fait"),
    "formula": ("Formula", "Formule", "Formule"),
    "query": ("Query", "Zoekvraag", "Requête"),
    "case": ("Case", "Geval", "Cas"),
    # What they have
    "title": ("Title", "Titel", "Titre"),
    "note": ("Note", "Noot", "Note"),
    "languages": ("Languages", "Talen", "Langues"),
    "time_zone": ("Time zone", "Tijdzone", "Fuseau horaire"),
    "default_query": ("Default query", "Standaardzoekvraag", "Requête par défaut"),
    "absent": ("Facts that nobody gives", "Gegevens die niemand geeft", "Faits que personne ne donne"),
    "four_eyes": ("Four eyes", "Vier ogen", "Quatre yeux"),
    "hit_policy": ("Hit policy", "Trefregel", "Politique de résultat"),
    "open": ("Catalogue", "Catalogus", "Catalogue"),
    "kind": ("Kind", "Soort", "Genre"),
    "column": ("Column", "Kolom", "Colonne"),
    "part": ("Part", "Deel", "Partie"),
    "label": ("Label", "Naam", "Nom"),
    "type": ("Type", "Type", "Type"),
    "allowed": ("Allowed values", "Toegelaten waarden", "Valeurs admises"),
    "otherwise": ("Else", "Anders", "Sinon"),
    "question": ("Question", "Vraag", "Question"),
    "explanation": ("Explanation", "Toelichting", "Explication"),
    "unit": ("Unit", "Eenheid", "Unité"),
    "nullable": ("May be null", "Mag null zijn", "Peut être null"),
    "expression": ("Expression", "Uitdrukking", "Expression"),
    "goals": ("Goals", "Doelen", "Buts"),
    "name": ("Name", "Omschrijving", "Description"),
    "as_of": ("As of", "Op datum", "À la date"),
    "known_on": ("Known on", "Bekend op", "Connu le"),
    "given": ("Given", "Gegeven dat", "Étant donné"),
    "conclusions": ("Concludes", "Besluit", "Conclut"),
    "certain": ("Holds for certain", "Bevat zeker", "Contient certainement"),
    "possible": ("Holds as possible", "Bevat mogelijk", "Contient peut-être"),
    "lacks": ("Does not hold", "Bevat niet", "Ne contient pas"),
    "undetermined": ("Cannot tell", "Kan niet zeggen", "Ne peut dire"),
    "referred": ("Leaves to judgement", "Laat aan oordeel over", "Laisse au jugement"),
    "carries": ("Carries flags", "Draagt vlaggen", "Porte les signaux"),
    "unflagged": ("Carries no flags", "Draagt geen vlaggen", "Ne porte pas les signaux"),
    # Kinds of columns
    "rule": ("Rule", "Regel", "Règle"),
    "condition": ("Condition", "Voorwaarde", "Condition"),
    "outcome": ("Outcome", "Uitkomst", "Résultat"),
    "citation": ("Legal basis", "Rechtsgrond", "Base légale"),
    "confidence": ("Confidence", "Zekerheid", "Certitude"),
    "flags": ("Flags", "Vlaggen", "Signaux"),
    "valid_from": ("In force from", "Van kracht vanaf", "En vigueur à partir du"),
    "valid_to": ("In force until", "Van kracht tot", "En vigueur jusqu'au"),
    "known_from": ("Known from", "Bekend vanaf", "Connu à partir du"),
    "known_to": ("Known until", "Bekend tot", "Connu jusqu'au"),
    "referral": ("Question for judgement", "Vraag aan het oordeel", "Question au jugement"),
    "yes": ("yes", "ja", "oui"),
    "no": ("no", "nee", "non"),
}
"""Each thing that a workbook has a word for, in English, Dutch and French."""

HOW_TO: Final = {
    "en": """\
How to fill in this workbook
One sheet is one decision table, one row is one rule. Add, move, copy and delete rows and columns freely.
Conditions: texts in quotes ("BE","FR"), numbers with a point (>= 1250.50), dates as @"2026-01-31", - for \
any.
A new row needs no id, a new column no key: they are given when the workbook is read.
A new column of a table needs its kind in the row Kind, and its fact in the row Fact. A table may have more \
columns of notes: write Note in the row Kind, and what the column is called in the row Fact.
What begins with ↳ is said on the sheet of facts; write over it to say otherwise for one column.
Kinds of columns: Condition, Outcome, Legal basis, Note, Confidence (V verified, K known, U unsure), \
Flags, In force from, In force until (the first day after), Known from, Known until, Question for \
judgement (en).
Nothing is saved when you bring the workbook in: you see first what it changes, row by row.""",
    "nl": """\
Hoe dit werkboek in te vullen
Eén blad is één beslissingstabel, één rij is één regel. Voeg rijen en kolommen toe, verplaats, kopieer en \
schrap ze.
Voorwaarden: tekst tussen aanhalingstekens ("BE","FR"), getallen met een punt (>= 1250.50), datums als \
@"2026-01-31", - voor alles.
Een nieuwe rij heeft geen id nodig, een nieuwe kolom geen sleutel: die worden gegeven bij het inlezen.
Een nieuwe kolom van een tabel heeft een soort nodig in de rij Soort, en een gegeven in de rij Gegeven. Een \
tabel mag meer kolommen met noten hebben: schrijf Noot in de rij Soort, en hoe de kolom heet in de rij Gegeven.
Wat met ↳ begint, staat op het blad met de gegevens; schrijf erover om het voor één kolom anders te \
zeggen.
Soorten kolommen: Voorwaarde, Uitkomst, Rechtsgrond, Noot, Zekerheid (V nagekeken, K bekend, U onzeker), \
Vlaggen, Van kracht vanaf, Van kracht tot (de eerste dag erna), Bekend vanaf, Bekend tot, Vraag aan het \
oordeel (nl).
Er wordt niets bewaard bij het inlezen: u ziet eerst wat er verandert, rij per rij.""",
    "fr": """\
Comment remplir ce classeur
Une feuille est une table de décision, une ligne est une règle. Ajoutez, déplacez, copiez et supprimez à \
volonté.
Conditions : textes entre guillemets droits ("BE","FR"), nombres avec un point (>= 1250.50), dates comme \
@"2026-01-31", - pour tout.
Une nouvelle ligne n'a pas besoin d'id, ni une nouvelle colonne de clé : ils sont donnés à la lecture.
Une nouvelle colonne d'une table a besoin d'un genre dans la ligne Genre et d'un fait dans la ligne Fait. Une \
table peut avoir plusieurs colonnes de notes : écrivez Note dans la ligne Genre, et le nom de la colonne dans \
la ligne Fait.
Ce qui commence par ↳ est dit sur la feuille des faits ; écrivez par-dessus pour dire autrement d'une \
colonne.
Genres de colonnes : Condition, Résultat, Base légale, Note, Certitude (V vérifié, K connu, U incertain), \
Signaux, En vigueur à partir du, En vigueur jusqu'au (le premier jour après), Connu à partir du, Connu \
jusqu'au, Question au jugement (fr).
Rien n'est enregistré à la lecture : vous voyez d'abord ce qui change, ligne par ligne.""",
}
"""What stands below the first sheet, a line each, in the languages of workbooks."""

_ALSO: Final[dict[str, tuple[str, ...]]] = {
    "rule": ("id", "rule id", "nr", "no", "number", "row", "rij", "nummer", "numéro", "n°", "#"),
    "condition": ("conditions", "voorwaarden", "if", "when", "als", "indien", "si", "input", "inputs"),
    "outcome": (
        "outcomes",
        "uitkomsten",
        "résultats",
        "then",
        "dan",
        "alors",
        "output",
        "outputs",
        "conclusion",
        "conclusions",
        "result",
        "resultaat",
    ),
    "citation": (
        "citation",
        "source",
        "article",
        "law",
        "bron",
        "artikel",
        "wettelijke basis",
        "fondement",
        "référence",
    ),
    "note": ("notes", "remark", "remarks", "comment", "comments", "opmerking", "annotation", "remarque"),
    "valid_from": ("valid from", "from", "geldig vanaf", "vanaf", "valable à partir du"),
    "valid_to": ("valid to", "valid until", "until", "geldig tot", "tot", "valable jusqu'au"),
    "known_to": ("known to",),
    "referral": ("referral", "verwijzing", "renvoi"),
    "flags": ("flag",),
    "otherwise": ("else", "otherwise", "default"),
    "allowed": ("allowed", "values", "waarden", "valeurs"),
    "fact": ("facts", "feit", "key"),
    "open": ("open",),
}
"""Other words that people write for them."""


ASPECTS: Final = {
    "acknowledgements": said("what was said of findings"),
    "allowed": said("allowed values"),
    "as_of": said("date of the facts"),
    "cases": said("cases"),
    "citation": said("legal basis"),
    "confidence": said("confidence"),
    "expect": said("what is expected"),
    "explanation": said("explanation"),
    "facts": said("facts"),
    "flags": said("flags"),
    "formulas": said("formulas"),
    "functions": said("functions"),
    "known": said("the time when it was known"),
    "known_on": said("date of the legal knowledge"),
    "label": said("label"),
    "name": said("name"),
    "note": said("note"),
    "notes": said("notes"),
    "nullable": said("whether it may be empty"),
    "queries": said("queries"),
    "question": said("question"),
    "referral": said("question for judgement"),
    "services": said("decision services"),
    "text": said("long text"),
    "title": said("title"),
    "types": said("types"),
    "unit": said("unit"),
    "valid": said("period"),
}
"""What pieces of a rulebook and their fields are called where something is said of them."""


def folded(text: str) -> str:
    """A word as it is looked up: without case, accents, or the marks that people put between words."""
    bare = unicodedata.normalize("NFKD", text.replace("\u2019", "'").casefold())
    bare = "".join(sign for sign in bare if not unicodedata.combining(sign))
    return " ".join(re.split(r"[\s_\u00a0]+", bare.strip().rstrip(":").strip()))


def word_of(concept: str, language: str, of: str = "") -> str:
    """The word for a thing in a language; of words in one language, which: `Title (nl)`."""
    word = WORDS[concept][LANGUAGES.index(language)]
    return f"{word} ({of})" if of else word


def language_among(languages: Iterable[str]) -> str:
    """The first of a rulebook's languages in which a workbook can be written, else English."""
    return next((one for one in languages if one in LANGUAGES), "en")


def headed(text: str) -> tuple[str, str]:
    """A heading without the language that it names, and that language: `Title (nl)`, `label.nl`."""
    found = re.fullmatch(r"\s*(.+?)\s*(?:\(([A-Za-z][\w-]{1,11})\)|\.([a-z]{2,3}))\s*", text)
    return (found[1], found[2] or found[3]) if found else (text.strip(), "")


def concept_of(text: str, among: Iterable[str]) -> tuple[str, str]:
    """Which of some things a heading names, and in which language; two empty texts if it names none of them."""
    for word, language in ((text, ""), headed(text)):
        known = folded(word)
        found = next((one for one in among if known in _FOLDED[one]), None)
        if found is not None:
            return found, language
    return "", ""


def nearly(text: str, among: Iterable[str]) -> str:
    """Which of some things a heading nearly names; empty if it names one, or is near none."""
    words = {word: one for one in among for word in _FOLDED[one]}
    bare = folded(headed(text)[0])
    close = None if bare in words else near_miss(bare, [word for word in words if len(word) > _SHORTEST])
    return words[close] if close else ""


def truth_of(text: str) -> bool | None:
    """Yes or no, as people write it in a cell; None if it is neither."""
    word = folded(text)
    if word in {"yes", "ja", "oui", "true", "waar", "vrai", "y", "j", "o", "1", "x"}:
        return True
    return False if word in {"", "no", "nee", "non", "false", "onwaar", "faux", "n", "0", "-"} else None


def names_in(text: str) -> tuple[str, ...]:
    """Names that stand in one cell: between commas, semicolons or line breaks, or as a JSON list."""
    return _listed(text) or tuple(part.strip() for part in re.split(r"[,;\n]", text) if part.strip())


def words_in(text: str) -> tuple[str, ...]:
    """Words that stand in one cell, none of which holds a space unless they are a JSON list."""
    return _listed(text) or tuple(re.findall(r"[^\s,;]+", text))


def _listed(text: str) -> tuple[str, ...]:
    if not text.lstrip().startswith("["):
        return ()
    try:
        return msgspec.json.decode(text, type=tuple[str, ...])
    except msgspec.DecodeError:
        return ()


def hit_policy_of(text: str) -> HitPolicy | None:
    """The hit policy that a cell names: by DMN's letter, its word, or both (`U: Unique`); None if it names none."""
    bare = text.strip()
    letter = re.match(r"([UAPFROC](?:[+<>#]|\b))", bare)
    exact = {policy.value: policy for policy in HitPolicy}
    if bare in exact:
        return exact[bare]
    if letter and (bare[len(letter[1]) :].lstrip()[:1] == ":"):
        return exact.get(letter[1])
    return {policy.name.replace("_", " ").casefold(): policy for policy in HitPolicy}.get(folded(bare))


_SHORTEST: Final = 2
_FOLDED: Final = {
    concept: frozenset(folded(word) for word in (*words, *_ALSO.get(concept, ()), concept))
    for concept, words in WORDS.items()
}
