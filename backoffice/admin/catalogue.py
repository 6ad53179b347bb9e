"""Categories."""

from django.contrib import admin

from accounts.roles import Power
from core.admin import TenantAdmin
from events.models import Category


@admin.register(Category)
class CategoryAdmin(TenantAdmin):
    """Shelves of the season."""

    may_view, may_change = Power.SEE_EVENTS.permission, Power.MANAGE_EVENTS.permission
    list_display = ["name", "slug", "order"]
    fields = ["name", "slug", "order"]
    search_fields = ["search_text"]
    prepopulated_fields = {"slug": ["name"]}
