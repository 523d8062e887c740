"""Every code that an error of the API may have: with which status it comes, and what it means.

The schema, the documentation and the tests read this table; a test holds it against the classes of
errors that there are. `config.api.errors` makes the answers.
"""

from __future__ import annotations

from http import HTTPStatus

PROBLEMS: dict[HTTPStatus, dict[str, str]] = {
    HTTPStatus.BAD_REQUEST: {
        "invalid": "A parameter or field has a value that it cannot have.",
        "invalid_field": "A field has a value that cannot be taken.",
        "parse_error": "The body is not JSON.",
        "too_many_tokens": "The account has as many tokens as it can.",
        "unknown_parameter": "There is no parameter of this name here.",
        "unreadable": "The text cannot be stored: NUL, or not UTF-8.",
    },
    HTTPStatus.UNAUTHORIZED: {
        "authentication_failed": "Who calls could not be made out.",
        "invalid_token": "The token is unknown, revoked, expired or not well-formed.",
        "not_authenticated": "This needs a token, or a session.",
    },
    HTTPStatus.FORBIDDEN: {
        "challenge_needed": "The list is flooded: solve the `challenge`, or sign in.",
        "insufficient_scope": "The token is good, but does not have the scope that this needs.",
        "mfa_required": "Members of staff have to set up two-factor authentication first.",
        "not_allowed": "This person may not do that here.",
        "permission_denied": "This is not allowed: with a session, the CSRF token may be missing.",
    },
    HTTPStatus.NOT_FOUND: {
        "gone": "The entry was removed from its list; `removed_at` says when, `part_of` which "
        "entry it is a part of now, if any.",
        "not_found": "There is no such thing, or no such page of it.",
    },
    HTTPStatus.METHOD_NOT_ALLOWED: {
        "method_not_allowed": "The address does not take this method; Allow names those it takes.",
    },
    HTTPStatus.NOT_ACCEPTABLE: {
        "not_acceptable": "The answer does not come in any of the formats that Accept names.",
    },
    HTTPStatus.CONFLICT: {
        "address_taken": "The slug is taken or reserved.",
        "ahead_of_catalog": "The list has no such revision yet; what was asked for is ahead.",
        "conflict": "What this was based on is no longer what stands there.",
        "edit_conflict": "What this would change was changed underneath; `conflicts` says where.",
        "edit_refused": "This would change more of the README than its own lines.",
        "findings_block": "By the rules of the list this must be changed first; see `findings`.",
        "idempotency_key_reused": "The Idempotency-Key was used for another request.",
        "invalid_transition": "The status of the submission does not allow this; see `status`.",
        "merge_conflict": "Both sides changed the same lines.",
        "not_taken": "What was sent is well-formed, but the list does not take it as it stands.",
        "stale_submission": "Somebody else changed or decided the submission in the meantime.",
    },
    HTTPStatus.CONTENT_TOO_LARGE: {
        "too_large": "The body is larger than the API takes, which is 1 MiB.",
    },
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: {
        "unsupported_media_type": "Bodies have to be application/json.",
    },
    HTTPStatus.TOO_MANY_REQUESTS: {
        "too_many": "A limit is reached; Retry-After says after how many seconds to try again.",
    },
    HTTPStatus.INTERNAL_SERVER_ERROR: {
        "server_error": "The site failed at this; it was written down. Try again later.",
    },
    HTTPStatus.SERVICE_UNAVAILABLE: {
        "unavailable": "The database cannot do this now; Retry-After says when to try again.",
    },
}
"""Codes by status; a code stands for one thing, and has one status."""

CODES = sorted(code for codes in PROBLEMS.values() for code in codes)
