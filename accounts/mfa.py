"""Whether somebody with power over the site has proved more than a password."""

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.models import AnonymousUser

from accounts.models import User

SECOND_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def lacks_required_mfa(user: User | AnonymousUser) -> bool:
    """Return whether this is a member of staff who has to set up a second factor first.

    One query, for staff and where it is required only. Whoever has a second factor was asked
    for it when they signed in.
    """
    if not settings.REQUIRE_STAFF_MFA or not user.is_staff:
        return False
    return not is_mfa_enabled(user, SECOND_FACTORS)
