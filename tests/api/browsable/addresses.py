"""The site's addresses, and two of an API with what its pages have to show."""

from __future__ import annotations

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import may_be_anonymous_with
from accounts.tokens import Scope
from config import urls

LONG = "一个很长的说明，讲的是这个模型怎样训练、用什么数据、在哪里可以找到它。" * 12
THINGS = {
    "count": 3,
    "next": "http://localhost/api/v1/things/?page=3",
    "previous": None,
    "results": [
        {"id": 7, "name": "通义 <script>alert(1)</script>", "url": 'https://a.example/?a="&b=<i>'},
        {"id": -1.5e3, "note": LONG, "lies": "http://two words", "code": "javascript:alert(1)"},
        {"is": [True, False, None, {}, []], "quoted": 'a \\ "b": 3, true', "word": "x" * 300},
    ],
}


class Things(APIView):
    """What can be read, and written by those who may submit."""

    permission_classes = (may_be_anonymous_with(Scope.SUBMIT),)

    def get(self, request: Request) -> Response:
        return Response(THINGS, headers={"X-Told": "<b>"})

    def post(self, request: Request) -> Response:
        return Response({"got": request.data, "by": request.user.get_username()}, status=201)


class Verb(APIView):
    """What can only be done."""

    def post(self, request: Request) -> Response:
        return Response(status=204)


urlpatterns = [
    path("api/v1/things/", Things.as_view()),
    path("api/v1/things/verb/", Verb.as_view()),
    *urls.urlpatterns,
]
handler404 = urls.handler404
