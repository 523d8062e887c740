"""Who moderates and maintains a list: invitations, roles, leaving, and the staff that follows."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts import team
from accounts.models import Invitation, Membership, User
from accounts.personal_data import delete_account
from catalog.errors import CatalogError, InvalidField
from catalog.models import Catalog
from tests.catalog.importing.test_interruptions import at_once
from tests.effort import IS_LONG
from tests.mailbox import letters, work_off
from tests.submission_factories import make_tools, make_user

pytestmark = pytest.mark.django_db

MODERATOR, MAINTAINER = Membership.Role.MODERATOR, Membership.Role.MAINTAINER
PASSWORD = "correct horse battery"


@pytest.fixture
def tools() -> Catalog:
    return make_tools()


def member(catalog: Catalog, name: str, role: str = MAINTAINER) -> User:
    user = make_user(name, display_name=name.capitalize())
    Membership.objects.create(user=user, catalog=catalog, role=role)
    user.refresh_from_db()
    return user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def people(catalog: Catalog) -> str:
    return reverse("admin:catalog_catalog_people", args=[catalog.pk])


def roles(catalog: Catalog) -> dict[str, str]:
    return {one.user.username: one.role for one in team.members_of(catalog)}


def send(client: Client, catalog: Catalog, do: str, **typed: Any) -> list[str]:
    """The messages and errors of the page after a button was pressed."""
    response = client.post(people(catalog), {"do": do, **typed}, follow=True)
    form = (response.context or {}).get("form")
    errors = [str(error) for one in form.errors.values() for error in one] if form else []
    return [*map(str, response.context["messages"]), *errors]


def test_invitation_by_address_leads_through_sign_up_to_the_list(
    tools: Catalog, mailoutbox: list[EmailMessage]
) -> None:
    ada = member(tools, "ada")

    shown = send(signed_in(ada), tools, "invite", who="Bob@People.example", role=MODERATOR)

    work_off()
    assert shown == ["An invitation was sent to bob@people.example."]
    assert letters(mailoutbox) == [("bob@people.example", "Ada invites you to moderate “Tools”")]
    address = next(word for word in str(mailoutbox[0].body).split() if "/invitation/" in word)
    path = "/" + address.split("/", 3)[3]
    bob = Client()
    assert "Ada invites you to moderate “Tools”." in bob.get(path).text
    signup = {"email": "bob@people.example", "password1": PASSWORD, "next": path}
    assert bob.post("/accounts/signup/", signup).headers["Location"] == path

    answer = bob.post(path)

    assert answer.headers["Location"] == reverse("admin:catalog_catalog_change", args=[tools.pk])
    user = User.objects.get(email="bob@people.example")
    assert (user.is_staff, EmailAddress.objects.get(user=user).verified) == (True, True)
    assert roles(tools) == {"ada": "maintainer", user.username: "moderator"}
    assert bob.get(answer.headers["Location"]).status_code == 200
    # It is good once.
    assert Client().get(path).status_code == 410
    work_off()
    assert len(mailoutbox) == 1


def test_a_copied_link_proves_no_address(tools: Catalog) -> None:
    ada = member(tools, "ada")
    invitation = team.invite(catalog=tools, who="eve@people.example", role=MODERATOR, by=ada)
    assert isinstance(invitation, Invitation)
    path = "/" + team.link_to(invitation).split("/", 3)[3]
    client = Client()
    client.get(path)
    client.post("/accounts/signup/", {"email": "eve@people.example", "password1": PASSWORD})
    assert not EmailAddress.objects.filter(email="eve@people.example", verified=True).exists()


@pytest.mark.parametrize(
    ("who", "shown"),
    [
        ("grace", "An invitation was sent to grace@people.example."),
        ("GRACE", "An invitation was sent to grace@people.example."),
        ("silent", "Silent has no e-mail address, and was given the role at once."),
        ("nobody", "Nobody here has this name; enter an e-mail address."),
        ("twin", "Several people have this name; enter a user name or an e-mail address."),
        ("no@address", "This is not an e-mail address."),
        ("ada", "Ada already has a role in this list."),
        ("ada@people.example", "Ada already has a role in this list."),
    ],
)
def test_people_are_named_by_what_is_known_of_them(tools: Catalog, who: str, shown: str) -> None:
    ada = member(tools, "ada")
    ada.confirm_address()
    make_user("grace", display_name="Grace")
    User.objects.filter(pk=make_user("silent", display_name="Silent").pk).update(email="")
    for name in ("one", "two"):
        make_user(name, display_name="Twin")
    assert send(signed_in(ada), tools, "invite", who=who, role=MODERATOR) == [shown]


def test_roles_are_changed_and_the_staff_follows(tools: Catalog) -> None:
    ada, bob = member(tools, "ada"), member(tools, "bob", MODERATOR)
    client = signed_in(ada)
    key = Membership.objects.get(user=bob).pk
    assert bob.is_staff

    assert send(client, tools, "role", key=key, role=MAINTAINER) == ["Bob is now maintainer."]
    assert send(client, tools, "remove", key=key) == ["Bob was removed."]

    bob.refresh_from_db()
    assert (roles(tools), bob.is_staff) == ({"ada": "maintainer"}, False)
    alone = "Ada is the only maintainer of this list; make someone else a maintainer first."
    own = Membership.objects.get(user=ada).pk
    assert send(client, tools, "leave") == [alone]
    assert send(client, tools, "role", key=own, role=MODERATOR) == [alone]
    assert roles(tools) == {"ada": "maintainer"}


def test_moderators_see_the_people_and_may_only_leave(tools: Catalog) -> None:
    ada, bob = member(tools, "ada"), member(tools, "bob", MODERATOR)
    client = signed_in(bob)
    page = client.get(people(tools)).text
    assert ("Ada" in page, "Invite" in page) == (True, False)
    key = Membership.objects.get(user=ada).pk
    refused: list[dict[str, Any]] = [
        {"do": "invite", "who": "x@x.example", "role": MODERATOR},
        {"do": "remove", "key": key},
        {"do": "role", "key": key, "role": MODERATOR},
    ]
    for typed in refused:
        assert client.post(people(tools), typed).status_code == 403
    assert send(client, tools, "leave")[0] == "You have left “Tools”."
    assert roles(tools) == {"ada": "maintainer"}


def test_who_steps_down_takes_the_open_invitations_along(tools: Catalog) -> None:
    ada, bob = member(tools, "ada"), member(tools, "bob")
    invited = team.invite(catalog=tools, who="again@people.example", role=MAINTAINER, by=bob)
    assert isinstance(invited, Invitation)
    send(signed_in(ada), tools, "remove", key=Membership.objects.get(user=bob).pk)
    path = "/" + team.link_to(invited).split("/", 3)[3]
    assert signed_in(bob).post(path).status_code == 410
    assert roles(tools) == {"ada": "maintainer"}


def test_invitations_lapse_are_withdrawn_and_renewed(tools: Catalog) -> None:
    ada, bob = member(tools, "ada"), make_user("bob")
    first = team.invite(catalog=tools, who="b@people.example", role=MODERATOR, by=ada)
    assert isinstance(first, Invitation)
    old = "/" + team.link_to(first).split("/", 3)[3]
    again = team.invite(catalog=tools, who="b@people.example", role=MAINTAINER, by=ada)
    assert isinstance(again, Invitation)
    assert again.pk == first.pk
    new = "/" + team.link_to(again).split("/", 3)[3]
    assert [signed_in(bob).get(path).status_code for path in (old, new)] == [410, 200]
    client = signed_in(ada)
    assert send(client, tools, "withdraw", key=again.pk) == [
        "The invitation to b@people.example was withdrawn."
    ]
    assert signed_in(bob).post(new).status_code == 410
    Invitation.objects.create(
        catalog=tools, email="late@people.example", role=MODERATOR, invited_by=ada,
        sent_at=timezone.now() - timedelta(days=15),
    )  # fmt: skip
    assert list(team.invitations_of(tools)) == []


def test_the_only_maintainer_says_so_before_leaving_the_site(tools: Catalog) -> None:
    ada = member(tools, "ada")
    ada.set_password(PASSWORD)
    ada.save()
    ada.confirm_address()
    client = Client()
    client.post("/accounts/login/", {"login": "ada", "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    answer = client.post("/accounts/delete/", {"credit": "keep", "sure": "on"})
    assert "Leave these lists without a maintainer: Tools" in answer.text
    assert "You are the only maintainer of these lists." in answer.text
    assert User.objects.filter(username="ada").exists()

    client.post("/accounts/delete/", {"credit": "keep", "sure": "on", "alone": "on"})

    assert not User.objects.filter(username="ada").exists()
    assert Catalog.objects.filter(pk=tools.pk).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["leave", "step down"])
@pytest.mark.parametrize("second", ["leave", "step down"])
def test_of_two_maintainers_who_go_at_once_one_stays(first: str, second: str) -> None:
    catalog = make_tools()
    for name in ("ada", "bob"):
        member(catalog, name)
    members = list(team.members_of(catalog))
    go = {
        "leave": lambda one: team.remove(membership=one),
        "step down": lambda one: team.change_role(membership=one, role=MODERATOR),
    }

    raised = at_once(partial(go[first], members[0]), partial(go[second], members[1]))

    assert [type(error) for error in raised] == [team.LastMaintainer]
    assert list(roles(catalog).values()).count(MAINTAINER) == 1


def test_role_of_somebody_who_leaves_meanwhile_is_not_changed() -> None:
    catalog = make_tools()
    member(catalog, "ada")
    member(catalog, "bob")
    [bob] = Membership.objects.filter(user__username="bob")
    team.remove(membership=Membership.objects.get(pk=bob.pk))

    with pytest.raises(CatalogError, match="has no role"):
        team.change_role(membership=bob, role=MAINTAINER)

    assert roles(catalog) == {"ada": MAINTAINER}


class TestTeams(TestCase):
    """Sequences of what people do with roles, beside a plain dictionary."""

    @settings(max_examples=100 if IS_LONG else 8, deadline=None)
    @given(
        steps=st.lists(
            st.tuples(
                st.sampled_from(["invite", "maintain", "moderate", "remove", "delete"]),
                st.sampled_from(["ada", "bob", "cyd"]),
            ),
            max_size=12,
        )
    )
    def test_a_list_with_a_maintainer_keeps_one(self, steps: list[tuple[str, str]]) -> None:
        catalog = make_tools()
        users = {name: make_user(name) for name in ("ada", "bob", "cyd")}
        root = User.objects.create_superuser("root")
        Membership.objects.create(user=users["ada"], catalog=catalog, role=MAINTAINER)
        model = {"ada": "maintainer"}
        for do, name in steps:
            if name not in users:
                continue
            row = Membership.objects.filter(user=users[name], catalog=catalog).first()
            is_last = model.get(name) == MAINTAINER and [*model.values()].count(MAINTAINER) == 1
            try:
                match do:
                    case "invite":
                        invited = team.invite(catalog=catalog, who=name, role=MODERATOR, by=root)
                        assert isinstance(invited, Invitation)
                        team.accept(invitation=invited, user=users[name])
                    case "delete":
                        delete_account(user=users.pop(name), keep_name=True)
                    case _ if row is None:
                        continue
                    case "remove":
                        team.remove(membership=row)
                    case _:
                        role = MAINTAINER if do == "maintain" else MODERATOR
                        team.change_role(membership=row, role=role)
            except InvalidField:
                assert (do, name in model) == ("invite", True)
                continue
            except CatalogError:
                assert (is_last, do in {"moderate", "remove"}) == (True, True)
                continue
            assert do == "delete" or not (is_last and do in {"moderate", "remove"})
            if do in {"remove", "delete"}:
                model.pop(name, None)
            else:
                model[name] = MAINTAINER if do == "maintain" else MODERATOR
            assert roles(catalog) == model
            staff = User.objects.filter(is_staff=True, is_superuser=False)
            assert {user.username for user in staff} == {*model}
