"""The pages that suggest new entries, one or several, and the public page about contributing."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import signed_in
from catalog.errors import CatalogError
from catalog.models import Catalog, Listing
from submissions.errors import status_of
from submissions.forms.entry import NO_PLACE, CardForm, SeveralForm, SuggestForm, at_place
from submissions.forms.places import listing_of, listings_in, place_of, places
from submissions.models import ContributionPolicy, Submission
from submissions.progress import queue_summary, usual_time
from submissions.protection import MOST_AT_ONCE, Admission, Room, open_batch, signed_batch
from submissions.statistics import Month, public_numbers
from submissions.views import flow, frame
from submissions.views.frame import actor_of, let_in, room
from submissions.views.preview import FormPreview, preview_form


@require_http_methods(["GET", "HEAD", "POST"])
def suggest(request: HttpRequest, slug: str) -> HttpResponse:
    """A form of the place's own columns; without a place, the places there are.

    `?listing=` names the place, `?section=` a section, which may have one place or several.
    """
    catalog = frame.catalog_or_404(slug)
    policy = ContributionPolicy.of(catalog)
    left = room(request, catalog)
    if closed := frame.door_page(request, catalog, policy, left):
        return closed
    if request.method == "POST" and request.POST.get("do") == "places":
        return choose(request, catalog, left)
    key = request.GET.get("listing", "")
    listing = _chosen(catalog, key, request.GET.get("section", ""))
    if listing is None and key != NO_PLACE:
        if key:
            raise Http404
        return choose(request, catalog, left)

    def make(data: object) -> SuggestForm:
        return SuggestForm(
            at_place(data, catalog, listing),
            catalog=catalog,
            policy=policy,
            user=signed_in(request.user),
            listing=listing,
        )

    return flow.run(
        request,
        make,
        "suggest.html",
        title=_("Suggest an entry"),
        place=place_of(catalog, listing) if listing else None,
        listing_key=key if listing is None else listing.pk,
        sent=frame.submissions_sent(request, catalog),
        room=left,
        draft_key=f"add:{catalog.slug}:{listing.pk if listing else NO_PLACE}",
    )


def _chosen(catalog: Catalog, key: str, path: str) -> Listing | None:
    """The place that an address names; None if it leaves the choice open."""
    if key:
        return listing_of(catalog, key)
    listings = listings_in(catalog, path)
    return listings[0] if len(listings) == 1 else None


def choose(request: HttpRequest, catalog: Catalog, left: Room | None = None) -> HttpResponse:
    """The places there are; what was typed before goes along to the one that is chosen.

    `left` is how much may be sent; None for a correction, which goes to a place that there is.
    """
    words = request.POST.get("q", request.GET.get("q", ""))
    path = request.GET.get("section", "")
    listings = places(catalog, words, path)
    if path and not listings.matches:
        listings = places(catalog, words)
    carried = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in {"csrfmiddlewaretoken", "do", "q", "fix"}
        for value in values
    ]
    return frame.show(
        request,
        "place_list.html",
        catalog,
        places=listings,
        words=words,
        carried=carried,
        path=path,
        no_place=NO_PLACE if left else "",
        queue_summary_text=queue_summary(catalog),
        room=left,
        is_filtered=bool(path or words) and left is not None,
    )


# Several at once: paste lines, check each as a card, send those that are right


class Card(NamedTuple):
    """One of the entries: its form and what is noticed about it."""

    form: CardForm
    preview: FormPreview


class _Several:
    """The page of one list and one place."""

    def __init__(self, request: HttpRequest, catalog: Catalog, listing: Listing) -> None:
        self.request, self.catalog, self.listing = request, catalog, listing
        self.policy = ContributionPolicy.of(catalog)
        self.user = signed_in(request.user)
        self.sent: list[Submission] = []
        self.batch = open_batch(str(request.POST.get("batch", "")))
        self.admission: Admission | None = None

    @cached_property
    def room(self) -> Room:
        """What this person may send beside what came in the same paste."""
        return room(self.request, self.catalog, self.batch)

    def form(self, data: Any) -> SeveralForm:
        return SeveralForm(
            data,
            catalog=self.catalog,
            policy=self.policy,
            user=self.user,
            listing=self.listing,
        )

    def card(self, number: int, data: Any) -> CardForm:
        made = CardForm(
            data,
            catalog=self.catalog,
            policy=self.policy,
            user=self.user,
            listing=self.listing,
            prefix=f"e{number}",
        )
        made.is_valid()
        return made

    def cards(self, data: Any, form: SeveralForm) -> tuple[list[CardForm], list[str]]:
        """Return the page's cards and those of pasted lines, and the lines that are left."""
        known = [n for n in range(MOST_AT_ONCE) if f"e{n}-url" in data and f"drop-{n}" not in data]
        cards = [self.card(number, data) for number in known]
        free = [n for n in range(MOST_AT_ONCE) if n not in known]
        pasted = form.read(self.listing, len(free))
        for values, number in zip(pasted.cards, free, strict=False):
            typed = {f"e{number}-{name}": value for name, value in values.items()}
            cards.append(self.card(number, typed))
        return cards, pasted.left

    def send(self, form: SeveralForm, cards: list[CardForm]) -> list[Card]:
        """Send what may be sent; returns the cards that are left, saying why they are."""
        left: list[Card] = []
        for number, card in enumerate(cards):
            preview = preview_form(card, is_sent=True)
            for name, message in card.missing().items():
                card.add_error(name, message)
            if form.is_valid() and card.is_valid() and not preview.stops:
                try:
                    self.sent.append(self._submit(form, card, preview))
                except CatalogError as error:
                    if status_of(error) in {403, 429}:
                        # All of them would hear the same.
                        flow.say_refused(form, error)
                        rest = [Card(other, preview_form(other)) for other in cards[number + 1 :]]
                        return [*left, Card(card, preview), *rest]
                    card.add_error(None, error.message)
                else:
                    continue
            left.append(Card(card, preview))
        return left

    def _submit(self, form: SeveralForm, card: CardForm, preview: FormPreview) -> Submission:
        for name in ("note", "credit", "email", "consent", "sign_off"):
            card.cleaned_data[name] = form.cleaned_data.get(name, "")
        card.data = form.data
        if self.admission is None:
            # All of them are one thing to limits and challenges.
            actor = actor_of(self.request, card)
            self.admission = let_in(self.request, card, actor, preview.proposal, self.batch)
        return flow.submit(self.request, card, preview, self.admission, self.batch)


@require_http_methods(["GET", "HEAD", "POST"])
def paste(request: HttpRequest, slug: str) -> HttpResponse:
    """The page for several; `?listing=` is where they go."""
    catalog = frame.catalog_or_404(slug)
    listing = listing_of(catalog, request.GET.get("listing", ""))
    if listing is None:
        if request.GET.get("listing"):
            raise Http404
        return HttpResponseRedirect(reverse("contribute:add", args=[slug]))
    several = _Several(request, catalog, listing)
    unproven = getattr(request, "unproven", None)
    if request.method != "POST" and unproven is None:
        closed = frame.door_page(request, catalog, several.policy, several.room)
        return closed or _page(several, several.form(None), [])
    return _answer(several, flow.mended(unproven if unproven is not None else request.POST))


def _answer(several: _Several, data: QueryDict) -> HttpResponse:
    """Read, preview or send what was pasted."""
    request = several.request
    form = several.form(data)
    form.is_valid()
    cards, left_over = several.cards(data, form)
    # What was pasted stands on cards now; pasted again it would be there twice.
    form = several.form({**data.dict(), "pasted": "\n".join(left_over)})
    form.is_valid()
    is_full = len(cards) == MOST_AT_ONCE
    is_seen = data.get("do") == flow.ENTER and data.get("previewed") == flow.digest(data)
    is_sent = (data.get("do") == "send" or is_seen) and bool(cards)
    is_sent = is_sent and (is_full or not left_over)
    is_unproven = hasattr(request, "unproven")
    if is_unproven:
        form.add_error(None, flow.expired())
    if is_unproven or not is_sent:
        if left_over:
            form.add_error("pasted", _note_on_left(is_full=is_full))
        return _page(several, form, [Card(card, preview_form(card)) for card in cards])
    for name, message in form.missing().items():
        form.add_error(name, message)
    left = several.send(form, cards)
    is_done = not left and form.is_valid()
    if is_done and not left_over:
        response: HttpResponse = HttpResponseRedirect(f"{reverse('contribute:mine')}?sent=1")
    else:
        response = _page(several, form, left, status=200 if is_done else 400)
    frame.remember_sent(request, response, [row.token for row in several.sent])
    return response


def _note_on_left(*, is_full: bool) -> str:
    if is_full:
        return _("That is the most at a time: send these first, then the remaining lines.")
    return _("These lines have no link: add one to each, or delete them.")


def _digest(form: SeveralForm, cards: list[Card]) -> str:
    """Return the digest by which the page is sent as it is shown; '' without cards."""
    shown = QueryDict(mutable=True)
    for each in (form, *(card.form for card in cards)):
        for bound in each:
            value = bound.value()
            shown[bound.html_name] = "on" if value is True else str(value or "")
    return flow.digest(shown) if cards else ""


def _page(
    several: _Several, form: SeveralForm, cards: list[Card], *, status: int = 200
) -> HttpResponse:
    request = several.request
    done = len(several.sent)
    form.fields["pasted"].is_required_here = not cards  # type: ignore[attr-defined]
    return flow.page(
        request,
        "paste.html",
        form,
        None,
        {
            "cards": cards,
            "title": _("Suggest several entries"),
            "previewed": _digest(form, cards),
            "draft_key": f"several:{several.catalog.slug}:{several.listing.pk}",
            "batch": signed_batch(several.batch),
            "room": several.room,
            "place": place_of(several.catalog, several.listing),
            "sent": several.sent or frame.submissions_sent(request, several.catalog),
            "done": ngettext("%(n)d was sent.", "%(n)d were sent.", done) % {"n": done}
            if done
            else "",
        },
        status=status,
    )


# The page about contributing to a list: who may, how, and how long it takes


HEIGHT, STEP, WIDTH = 96, 44, 28


class Bar(NamedTuple):
    """A month in the chart: what was decided, the published part of it dark."""

    month: Month
    x: int
    middle: int
    decided: int
    decided_y: int
    applied: int
    applied_y: int


class Chart(NamedTuple):
    """A drawing of the last months, in its own units."""

    bars: list[Bar]
    width: int
    height: int
    most: int


@require_safe
def about(request: HttpRequest, slug: str) -> HttpResponse:
    """Show who may contribute to the list, its guidelines, and its numbers, without names."""
    catalog = frame.catalog_or_404(slug)
    numbers = public_numbers(catalog)
    return frame.show(
        request,
        "about.html",
        catalog,
        policy=ContributionPolicy.of(catalog),
        numbers=numbers,
        usual=None if numbers.median_days is None else usual_time(numbers.median_days),
        chart=chart_of(numbers.months),
    )


def chart_of(months: Sequence[Month]) -> Chart | None:
    """A bar for each month; None when nothing was decided in any."""
    most = max((month.decided for month in months), default=0)
    if not most:
        return None
    bars = []
    for number, month in enumerate(months):
        decided, applied = (
            max(2, round(HEIGHT * count / most)) if count else 0
            for count in (month.decided, month.applied)
        )
        x = number * STEP + (STEP - WIDTH) // 2
        middle = x + WIDTH // 2
        bars.append(Bar(month, x, middle, decided, HEIGHT - decided, applied, HEIGHT - applied))
    return Chart(bars, len(months) * STEP, HEIGHT, most)
