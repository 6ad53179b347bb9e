"""How a browser is called that somebody is signed in with."""

from django import template

register = template.Library()

# In this order: most browsers also name those that they want to be taken for.
BROWSERS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS": "Mac",
    "Linux": "Linux",
}
LONGEST = 60


@register.filter
def browser(user_agent: str) -> str:
    """`Firefox, Windows`; what we don't know is called as it calls itself, briefly."""
    known = [next((name for sign, name in names.items() if sign in user_agent), "") for names in (BROWSERS, SYSTEMS)]
    return ", ".join(name for name in known if name) or user_agent[:LONGEST] or "?"
