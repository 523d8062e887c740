"""Accounts in the admin."""

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialApp, SocialToken
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiToken, MailRefusal, Membership, User

# The environment says which providers there are, and nobody's tokens are stored.
admin.site.unregister([SocialApp, SocialToken])
admin.site.unregister(Authenticator)
admin.site.unregister(Group)
# Its own names are those of the class, in no language.
Authenticator._meta.verbose_name = _("second factor")
Authenticator._meta.verbose_name_plural = _("second factors")


class MembershipInline(admin.TabularInline):
    """The role of the person in each list."""

    model = Membership
    autocomplete_fields = ("catalog",)
    extra = 0


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    """Django's own, with the display name and the roles in lists, from which the staff follows.

    Nothing here is decided by Django's permissions, so they are not asked for.
    """

    list_display = ("username", "display_name", "email", "is_staff")
    search_fields = ("username", "display_name", "email")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Personal info"), {"fields": ("display_name", "email", "first_name", "last_name")}),
        (_("Mail"), {"fields": ("mail_submissions", "mail_digest")}),
        (_("Access"), {"fields": ("is_active", "is_superuser")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")
    list_filter = ("is_superuser", "is_active")
    inlines = (MembershipInline,)


@admin.register(Authenticator)
class AuthenticatorAdmin(admin.ModelAdmin):
    """Second factors: to be taken off somebody who lost theirs, and never to be read."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    search_fields = ("user__username", "user__email")
    fields = readonly_fields = ("user", "type", "created_at", "last_used_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin):
    """Tokens of API clients; deleting one revokes it. Its secret is nowhere."""

    list_display = ("name", "hint", "user", "scopes", "created_at", "last_used_at", "expires_at")
    list_select_related = ("user",)
    search_fields = ("name", "hint", "user__username", "user__email")
    fields = readonly_fields = list_display

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(MailRefusal)
class MailRefusalAdmin(admin.ModelAdmin):
    """Addresses without an account that want no mail; deleting one means that they do again."""

    list_display = ("email", "topic", "created_at")
    list_filter = ("topic",)
    search_fields = ("email",)
