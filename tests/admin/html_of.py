"""A page as a person without a mouse meets it: its text, links and forms; and what makes a page unfit for them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"input", "meta", "link", "br", "wbr", "hr", "img"}


@dataclass
class Form:
    """A form with the values that a browser would send as the page stands."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)

    def filled(self, changes):
        """What is sent when those fields are set; a field that the form does not have is the test's mistake."""
        names = {name for name, _ in self.fields} | set(self.choices)
        assert set(changes) <= names, f"{set(changes) - names} not in the form: {sorted(names)}"
        return [(name, text) for name, text in self.fields if name not in changes] + [
            (name, text) for name, text in changes.items() if text is not None
        ]

    choices: set[str] = field(default_factory=set)


class Page(HTMLParser):
    """A parsed page.

    Attributes:
        text: what can be read, white space folded.
        links: text and href of each link.
        forms: the forms, controls outside that name one by `form=` included.
        faults: what assistive technology would stumble over.
    """

    def __init__(self, html):
        super().__init__()
        self.html = html
        self.words = []
        self.links = []
        self.forms = []
        self.faults = []
        self.by_id = {}
        self._open = []
        self._ids = set()
        self._named_by = set()
        self._controls = []
        self._pending = []
        self._form = None
        self._select = None
        self._area = None
        self._link = None
        self._button = None
        self.headings = []
        self.feed(html)
        self.close()
        self._finish()

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())

    def form(self, action):
        """The one form whose action ends so (without its query)."""
        found = [form for form in self.forms if form.action.split("?")[0].split("#")[0].endswith(action)]
        assert found, f"no form {action}: {[form.action for form in self.forms]}"
        return found[0]

    def link(self, text):
        """The href of the first link that reads so, or is labelled so; else of one that holds those words."""
        found = [href for words, href in self.links if text == words]
        found += [href for words, href in self.links if text in words]
        assert found, f"no link {text!r}: {self.links}"
        return found[0]

    def handle_starttag(self, tag, attrs):
        if "template" in self._open:  # nothing of it is on the page
            self._open += [tag] if tag not in VOID else []
            return
        given = dict(attrs)
        if "style" in given or any(name.startswith("on") for name in given):
            self.faults.append(f"<{tag}> with an inline style or handler")
        if "id" in given:
            if given["id"] in self._ids:
                self.faults.append(f"id {given['id']} twice")
            self._ids.add(given["id"])
        for name in ("aria-describedby", "aria-labelledby"):
            self._pending += [(name, part) for part in given.get(name, "").split()]
        if tag not in VOID:
            self._open.append(tag)
        getattr(self, f"_start_{tag}", lambda _: None)(given)

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"</{tag}> does not close what is open")
        if "template" in self._open:
            return
        getattr(self, f"_end_{tag}", lambda: None)()

    def handle_data(self, data):
        if {"title", "style", "script", "template"} & set(self._open):
            return
        if self._area is not None:
            self._area[1] += data
            return
        if self._link is not None:
            self._link[0] += data
        if self._button is not None:
            self._button[0] += data
        if "h1" in self._open:
            self.headings[-1] += data
        self.words.append(data)

    def _start_html(self, given):
        if given.get("lang") not in {"en", "nl", "fr"}:
            self.faults.append("no lang")

    def _start_h1(self, _given):
        self.headings.append("")

    def _start_a(self, given):
        self._link = [given.get("aria-label", ""), given.get("href", "")]

    def _end_a(self):
        words, href = self._link
        if not words.strip():
            self.faults.append(f"a link to {href} says nothing")
        self.links.append((" ".join(words.split()), href))
        self._link = None

    def _start_label(self, given):
        if "for" in given:
            self._named_by.add(given["for"])

    def _start_form(self, given):
        self._form = Form(given.get("action", ""), given.get("method", "get"))
        if self._form.method != "dialog":
            self.forms.append(self._form)
        if "id" in given:
            self.by_id[given["id"]] = self._form

    def _end_form(self):
        self._form = None

    def _owner(self, given):
        return given.get("form", self._form)

    def _control(self, given, name, text, *, sent=True):
        labelled = "aria-label" in given or "label" in self._open
        self._controls.append((given.get("id"), labelled, given.get("type") == "hidden", name))
        if name is None:
            return  # for a script alone; no form sends it
        owner = self._owner(given)
        self._pending.append(("field", (owner, name, text, sent)))

    def _start_input(self, given):
        kind = given.get("type", "text")
        sent = kind not in {"radio", "checkbox"} or "checked" in given
        self._control(given, given.get("name"), given.get("value") or "", sent=sent)

    def _start_textarea(self, given):
        self._area = [given, ""]

    def _end_textarea(self):
        given, text = self._area
        self._area = None
        self._control(given, given["name"], text.removeprefix("\n"))

    def _start_select(self, given):
        self._select = [given, None]

    def _start_option(self, given):
        if self._select is None:
            return  # one that a field proposes, of a datalist
        if self._select[1] is None or "selected" in given:
            self._select[1] = given.get("value", "")

    def _end_select(self):
        given, text = self._select
        self._select = None
        self._control(given, given.get("name"), text or "")

    def _start_button(self, given):
        self._button = [
            given.get("aria-label", ""),
            given.get("name"),
            given.get("value"),
            self._owner(given),
        ]

    def _end_button(self):
        words, name, value, owner = self._button
        self._button = None
        if not words.strip():
            self.faults.append("a button says nothing")
        if name:
            self._pending.append(("field", (owner, name, value or "", False)))

    def _start_th(self, given):
        is_told = given.get("role") in {"columnheader", "rowheader"}
        if not is_told and given.get("scope") not in {"col", "row", "colgroup"}:
            self.faults.append("a table head without a scope")

    def _finish(self):
        for kind, what in self._pending:
            if kind == "field":
                owner, name, text, sent = what
                form = self.by_id.get(owner) if isinstance(owner, str) else owner
                if form is None:
                    self.faults.append(f"the control {name} belongs to no form")
                    continue
                form.choices.add(name)
                if sent:
                    form.fields.append((name, text))
            elif what not in self._ids:
                self.faults.append(f"{kind} names {what}, which is not there")
        for identity, labelled, hidden, name in self._controls:
            if not hidden and not labelled and identity not in self._named_by:
                self.faults.append(f"the control {name} has no label")
        if len(self.headings) != 1:
            self.faults.append(f"{len(self.headings)} main headings")
        if self._open:
            self.faults.append(f"not closed: {self._open}")
