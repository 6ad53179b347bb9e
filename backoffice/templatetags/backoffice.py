"""How the back office writes what it knows."""

from django import template

from backoffice.queries import audit
from core.models import AuditEntry

register = template.Library()


@register.filter
def sentence(entry: AuditEntry) -> str:
    """What happened, in words."""
    return audit.sentence(entry)


@register.filter
def called(entry: AuditEntry) -> str:
    """What the object of an audit entry is called."""
    return audit.name(entry)
