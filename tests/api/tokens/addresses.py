"""One address of each kind that callers are told apart for, answering who they are."""

from __future__ import annotations

from typing import cast

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import may_be_anonymous_with, needs
from accounts.models import ApiToken
from accounts.tokens import Scope


class Anybody(APIView):
    """What is published; sending something to it is counted as submitting."""

    def get(self, request: Request) -> Response:
        token = cast("ApiToken | None", request.auth)
        return Response(
            {"user": request.user.get_username(), "token": token.name if token else None}
        )

    post = get


class Own(Anybody):
    permission_classes = (needs(Scope.READ),)


class Submitting(Anybody):
    permission_classes = (may_be_anonymous_with(Scope.SUBMIT),)


class Moderating(Anybody):
    permission_classes = (needs(Scope.MODERATE),)
    throttle_scope = Scope.MODERATE


urlpatterns = [
    path("api/anybody/", Anybody.as_view()),
    path("api/own/", Own.as_view()),
    path("api/submitting/", Submitting.as_view()),
    path("api/moderating/", Moderating.as_view()),
]
