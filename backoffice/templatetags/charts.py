"""How charts are drawn: `{% chart trend "trend" %}`, where the name makes its parts unlike those of others."""

from typing import Any

from django import template

from reports.charts import Chart

register = template.Library()


@register.inclusion_tag("backoffice/_chart.html")
def chart(this: Chart, name: str) -> dict[str, Any]:
    """A chart under its title, with its numbers as a table."""
    return {"chart": this, "name": name}


@register.inclusion_tag("backoffice/_share.html")
def share(part: int, whole: int) -> dict[str, Any]:
    """A bar as long as a part is of the whole, for beside the number that says so."""
    return {"percent": max(0, min(100, 100 * part / whole)) if whole > 0 else 0}
