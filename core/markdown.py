"""Markdown of organizers, as HTML that can do nothing but be read."""

from functools import lru_cache
from html import unescape

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_parser = MarkdownIt("commonmark", {"html": False}).enable("table")
_TAGS = set("p br hr h2 h3 h4 strong em ul ol li blockquote code pre a table thead tbody tr th td".split())


@lru_cache(maxsize=256)  # descriptions are read far more often than written
def rendered(source: str) -> SafeString:
    """Return the Markdown as HTML; tags, attributes and addresses beyond plain text are taken out."""
    # A description stands below the page's own heading.
    html = _parser.render(source).replace("<h1>", "<h2>").replace("</h1>", "</h2>")
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener nofollow ugc",
    )
    return mark_safe(clean)  # noqa: S308 - nh3 has cleaned it


def plain(source: str) -> str:
    """Return what the Markdown says, without any marks: text, to be escaped wherever it goes."""
    return unescape(nh3.clean(rendered(source), tags=set())).strip()
