"""The texts of mails: the owner's from the Dashboard, then the deployment's files, then ours.

A template of the Dashboard may hold text, ``{{ name }}`` with a few filters, and ``{% if %}``: nothing that loops,
loads or includes. Files are whoever runs the server's, and may hold all of Django's template language.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.template import Context, Engine, Template, TemplateDoesNotExist, TemplateSyntaxError
from django.template.base import Node, NodeList, TextNode, VariableNode
from django.template.defaulttags import IfNode

from .. import conf
from ..errors import Invalid
from .models import MailTemplate, TemplateName

OURS: Final = Path(__file__).parent / "templates"
FALLBACK: Final = "en"
LANGUAGES: Final = ("ar", "de", "en", "es", "fr", "pl")  # as the widget's
KINDS: Final = {"subject": "subject.txt", "text": "txt", "html": "html"}
LIMITS: Final = {"subject": 500, "text": 20_000, "html": 100_000}  # characters
FILTERS: Final = frozenset({"date", "default", "default_if_none", "upper", "lower", "title", "capfirst"})

# What each template is given, and what must stand in its text and HTML.
FACTS: Final[Mapping[str, tuple[str, ...]]] = {
    str(TemplateName.MEMBER_CODE): ("name", "plan", "code", "until", "link"),
    str(TemplateName.RENEWAL): ("name", "plan", "order", "until", "link", "over", "trial", "card", "refused", "again"),
}
NEEDED: Final[Mapping[str, str]] = {str(TemplateName.MEMBER_CODE): "code", str(TemplateName.RENEWAL): "link"}


@dataclass(frozen=True, kw_only=True)
class Text:
    """A template's three parts, as they are written, not filled in."""

    template: str
    language: str
    subject: str
    text: str
    html: str
    own: MailTemplate | None = None


@functools.lru_cache(maxsize=4)
def engine(folder: str) -> Engine:
    return Engine(dirs=[folder, str(OURS)] if folder else [str(OURS)])


def wanted(language: str) -> list[str]:
    """Which languages are tried for a shop's code (``de``, ``pt-br``), the best first."""
    code = language.lower().replace("_", "-")
    return list(dict.fromkeys([code, code.partition("-")[0], FALLBACK]))


def rendered(*, template: str, channel: str, language: str, facts: Mapping[str, Any]) -> dict[str, str]:
    """Subject, text and HTML in the customer's language, or in English.

    Raises TemplateSyntaxError for a broken file.
    """
    own = {row.language: row for row in MailTemplate.objects.filter(channel=channel, template=template)}
    for code in wanted(language):
        if code in own:
            row = own[code]
            return {kind: fill(kind=kind, source=getattr(row, kind), facts=facts) for kind in KINDS}
        if any(_file(template, code, ending) for ending in KINDS.values()):
            break  # a file in the customer's language goes before the owner's own in English
    return {kind: _rendered_file(template, language, kind, facts) for kind in KINDS}


def _rendered_file(template: str, language: str, kind: str, facts: Mapping[str, Any]) -> str:
    for code in wanted(language):
        if (found := _file(template, code, KINDS[kind])) is not None:
            return _tidy(kind, found.render(Context(dict(facts), autoescape=kind == "html")))
    raise TemplateDoesNotExist(f"{template}/{FALLBACK}.{KINDS[kind]}")


def _file(template: str, language: str, ending: str) -> Template | None:
    try:
        return engine(conf.load().mail_templates).get_template(f"{template}/{language}.{ending}")
    except TemplateDoesNotExist:
        return None


def fill(*, kind: str, source: str, facts: Mapping[str, Any]) -> str:
    """A part that was written in the Dashboard, filled in."""
    return _tidy(kind, engine("").from_string(source).render(Context(dict(facts), autoescape=kind == "html")))


def _tidy(kind: str, text: str) -> str:
    return " ".join(text.split()) if kind == "subject" else text


def standing(*, template: str, channel: str, language: str) -> Text:
    """What is mailed in a language now, unfilled. Raises Invalid for a template or language that there is not."""
    check_names(template, language)
    own = MailTemplate.objects.filter(channel=channel, template=template, language=language).first()
    return _text(template, language, own)


def all_standing(*, channel: str) -> list[Text]:
    """What each template says in each language. One query."""
    own = {(row.template, row.language): row for row in MailTemplate.objects.filter(channel=channel)}
    return [_text(template, code, own.get((template, code))) for template in FACTS for code in LANGUAGES]


def _text(template: str, language: str, own: MailTemplate | None) -> Text:
    if own is not None:
        return Text(template=template, language=language, subject=own.subject, text=own.text, html=own.html, own=own)
    subject, text, html = (_source(template, language, ending) for ending in KINDS.values())
    return Text(template=template, language=language, subject=subject, text=text, html=html)


def _source(template: str, language: str, ending: str) -> str:
    found = _file(template, language, ending) or _file(template, FALLBACK, ending)
    assert found is not None  # English is ours and whole
    source = str(found.source).strip()
    # Text files say themselves that they are no HTML; in the Dashboard that goes without saying.
    return source.removeprefix("{% autoescape off %}").removesuffix("{% endautoescape %}").strip() + (
        "\n" if ending != KINDS["subject"] else ""
    )


def check_names(template: str, language: str) -> None:
    if template not in FACTS:
        raise Invalid(f"There is no template of this name. There are {', '.join(FACTS)}.", field="template")
    if language not in LANGUAGES:
        raise Invalid(f"Mails are written in one of {', '.join(LANGUAGES)}.", field="language")


def check(*, template: str, parts: Mapping[str, str]) -> None:
    """Raises Invalid, with the part as the field, for what can't be a template of the Dashboard."""
    for kind, source in parts.items():
        if not source.strip():
            raise Invalid("This must not be empty.", field=kind)
        if len(source) > LIMITS[kind] or "\0" in source:
            raise Invalid(f"At most {LIMITS[kind]:,} characters, none of them a null.", field=kind)
        try:
            parsed = engine("").from_string(source)
        except TemplateSyntaxError as error:
            raise Invalid(f"This is no template: {error}", field=kind) from None
        used = set(_names(parsed.nodelist, kind))
        unknown = used - set(FACTS[template])
        if unknown:
            known = ", ".join(FACTS[template])
            raise Invalid(f"There is no {{{{ {min(unknown)} }}}} here. There are {known}.", field=kind)
        if kind != "subject" and NEEDED[template] not in used:
            raise Invalid(f"{{{{ {NEEDED[template]} }}}} is missing: the mail would be of no use.", field=kind)
        if kind == "subject" and "code" in used:
            raise Invalid("A subject is shown on locked screens: the code must not stand in it.", field=kind)


def _names(nodes: NodeList, kind: str) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, TextNode):
            continue
        if isinstance(node, VariableNode):
            yield from _expression(node.filter_expression, kind)
        elif isinstance(node, IfNode):
            for condition, inner in node.conditions_nodelists:
                if condition is not None:
                    yield from _condition(condition, kind)
                yield from _names(inner, kind)
        else:
            raise Invalid(f"Only {{{{ … }}}} and {{% if … %}} may stand here, not {_tag(node)}.", field=kind)


def _tag(node: Node) -> str:
    token = getattr(node, "token", None)
    return f"{{% {token.contents} %}}" if token is not None else type(node).__name__


def _condition(condition: Any, kind: str) -> Iterator[str]:
    """``{% if a and not b %}`` is a tree of operators with expressions at its leaves."""
    if hasattr(condition, "value") and condition.value is not None:
        yield from _expression(condition.value, kind)
    for side in ("first", "second"):
        if (inner := getattr(condition, side, None)) is not None:
            yield from _condition(inner, kind)


def _expression(expression: Any, kind: str) -> Iterator[str]:
    for function, arguments in expression.filters:
        name = getattr(function, "_filter_name", function.__name__)
        if name not in FILTERS:
            raise Invalid(f"The filter {name} may not stand here. There are {', '.join(sorted(FILTERS))}.", field=kind)
        if any(looked_up for looked_up, _ in arguments):
            raise Invalid("A filter's argument must be a text in quotes.", field=kind)
    variable = getattr(expression.var, "var", None)
    if variable is not None:  # not a literal
        yield str(variable)
