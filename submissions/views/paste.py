"""Several suggestions at once: paste lines, look at each as a card, send those that are right."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from catalog.errors import CatalogError
from catalog.models import Catalog, Listing
from submissions.errors import status_of
from submissions.forms.places import listing_of, place_of
from submissions.forms.several import CardForm, SeveralForm
from submissions.models import ContributionPolicy, Submission
from submissions.protection.abuse import Admission
from submissions.protection.caps import MOST_AT_ONCE, open_batch, signed_batch
from submissions.views import flow, frame
from submissions.views.form_preview import FormPreview, preview_form
from submissions.views.sender import actor_of, let_in, room


class Card(NamedTuple):
    """One of the entries: its form and what is noticed about it."""

    form: CardForm
    preview: FormPreview


class _Several:
    """The page of one list and one place."""

    def __init__(self, request: HttpRequest, catalog: Catalog, listing: Listing) -> None:
        self.request, self.catalog, self.listing = request, catalog, listing
        self.policy = ContributionPolicy.of(catalog)
        self.user = frame.user_of(request)
        self.sent: list[Submission] = []
        self.batch = open_batch(str(request.POST.get("batch", "")))
        self.admission: Admission | None = None

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
    is_typed = request.method == "POST" or unproven is not None
    if not is_typed and not frame.is_admitted(request, several.policy):
        return frame.not_open(request, catalog, several.policy)
    if not is_typed and (left := room(request, catalog)).is_used_up:
        return frame.full(request, catalog, left)
    if not is_typed:
        return _page(several, several.form(None), [])
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
        return _("Only so many at a time: send these first, then the remaining lines.")
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
            "room": room(request, several.catalog, several.batch),
            "place": place_of(several.catalog, several.listing),
            "sent": several.sent or frame.submissions_sent(request, several.catalog),
            "done": ngettext("%(n)d was sent.", "%(n)d were sent.", done) % {"n": done}
            if done
            else "",
        },
        status=status,
    )
