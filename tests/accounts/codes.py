"""What an authenticator app would show."""

from allauth.mfa.totp.internal.auth import hotp_value, yield_hotp_counters_from_time


def code_for(secret: str) -> str:
    """The code of this moment."""
    counters = list(yield_hotp_counters_from_time())
    return f"{hotp_value(secret, counters[len(counters) // 2]):06}"
