"""Accounts in the admin."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, User


class MembershipInline(admin.TabularInline):
    """What the person may do in which list."""

    model = Membership
    autocomplete_fields = ("catalog",)
    extra = 0


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    """Django's own, with the display name and the roles in lists."""

    list_display = ("username", "display_name", "email", "is_staff")
    search_fields = ("username", "display_name", "email")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Personal info"), {"fields": ("display_name", "email", "first_name", "last_name")}),
        *(DjangoUserAdmin.fieldsets or ())[2:],
    )
    inlines = (MembershipInline,)
