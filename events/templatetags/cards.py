"""Cards of events and the filters above them, drawn once for each way they look."""

from functools import lru_cache

from django import template
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from events.forms.search import SearchForm
from events.queries.discovery import Choices
from events.queries.listing import EventCard

register = template.Library()


@register.simple_tag
def event_card(card: EventCard, number: int = 0) -> SafeString:
    """The card; pictures of those far down a page (`number` from 0) are loaded when they come into view."""
    # A cover's key stands for its row: whatever is shown of it changes with the key, but for its words.
    return _drawn(card, card.cover.alt if card.cover else "", card.cover and card.cover.key, number > 2, get_language())


@lru_cache(maxsize=2_000)
def _drawn(card: EventCard, alt: str, key: str | None, is_lazy: bool, language: str | None) -> SafeString:
    return render_to_string("events/_card.html", {"card": card, "is_lazy": is_lazy})


@register.simple_tag
def drawn_filters(form: SearchForm) -> SafeString:
    """The form of the list: a dozen fields are dearer to draw than all cards of a page."""
    return _filters("events/_filters.html", form.sent, form.choices, get_language())


@register.simple_tag
def drawn_calendar_filters(form: SearchForm) -> SafeString:
    """The form of the calendar."""
    return _filters("events/_calendar_filters.html", form.sent, form.choices, get_language())


@lru_cache(maxsize=500)
def _filters(template: str, sent: str, choices: Choices, language: str | None) -> SafeString:
    form = SearchForm(QueryDict(sent), choices)
    form.is_valid()
    return render_to_string(template, {"form": form})
