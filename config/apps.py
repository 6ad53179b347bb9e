"""The admin at our place."""

from django.contrib.admin.apps import AdminConfig as DjangosAdminConfig


class AdminConfig(DjangosAdminConfig):
    """Django's admin app, with our site."""

    default_site = "backoffice.site.BackOffice"
