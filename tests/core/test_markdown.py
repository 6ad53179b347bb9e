"""Descriptions can be read and do nothing."""

from html.parser import HTMLParser

import pytest

from core.markdown import plain, rendered


def test_plain_markdown_becomes_html() -> None:
    assert rendered("**Sung** and\n\n- spoken\n- played") == (
        "<p><strong>Sung</strong> and</p>\n<ul>\n<li>spoken</li>\n<li>played</li>\n</ul>\n"
    )


def test_a_links_address_is_kept_and_marked_as_not_ours() -> None:
    assert rendered("[here](https://example.com/a?b=1)") == (
        '<p><a href="https://example.com/a?b=1" rel="noopener nofollow ugc">here</a></p>\n'
    )


def test_a_heading_stands_below_the_pages_own() -> None:
    assert rendered("# Loud") == "<h2>Loud</h2>\n"


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)></svg>",
    "<p style='position:fixed'>over all</p>",
    "<a href='javascript:alert(1)'>x</a>",
    '<div hx-get="/steal" hx-trigger="load">x</div>',
    '<p data-hx-on:click="alert(1)">x</p>',
    "<iframe src='https://example.com'></iframe>",
    "<style>body{display:none}</style>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox)",
    "![x](https://example.com/track.png)",
    "![x](data:image/svg+xml;base64,PHN2Zz4=)",
    '[x](https://example.com "a\\" onmouseover=alert(1)")',
    "<javascript:alert(1)>",
]


class Found(HTMLParser):
    """The tags of a page and what they carry."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: dict[str, str | None] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(attrs)


@pytest.mark.parametrize("source", HOSTILE)
def test_nothing_that_could_run_or_load_comes_through(source: str) -> None:
    """S16, S29, S30"""
    found = Found(rendered(source))
    assert found.tags <= {"p", "a"}
    assert set(found.attributes) <= {"href", "rel", "title"}
    assert (found.attributes.get("href") or "https:").startswith("https:")


@pytest.mark.parametrize("source", ["{{ settings.SECRET_KEY }}", "{event.title.upper}", "{% now 'Y' %}"])
def test_template_syntax_stays_text(source: str) -> None:
    """S32"""
    assert rendered(source) == f"<p>{source}</p>\n"


def test_plain_is_what_it_says_without_marks() -> None:
    assert (
        plain("# Tides\n\n**Loud** & [long](https://a.example)\n\n- one\n- 1 < 2") == "Tides\nLoud & long\n\none\n1 < 2"
    )


@pytest.mark.parametrize("source", HOSTILE)
def test_plain_text_is_text_and_no_page(source: str) -> None:
    """S29: a caller escapes it; the type says that it has to"""
    assert not hasattr(plain(source), "__html__")
