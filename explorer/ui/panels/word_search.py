"""Search by words: the field, what the words were matched to, and the words asked before."""

import streamlit as st

from explorer.errors import ExplorerError
from explorer.extractors import ClassMatch
from explorer.insight.markup import piece
from explorer.search import Examples, Words, read_words, understands_words
from explorer.search.words import LONGEST
from explorer.serving.hints import with_hint
from explorer.ui.html import as_label, show, warn
from explorer.ui.state import now, set_value, value_of
from explorer.ui.view import View

_FIELD = "words_field"
_MEMBERS = 12  # classes of a kind that are named


def words_field(view: View) -> None:
    """The field; where the space knows no words it says which does."""
    if not understands_words(view.space):
        show("p", "{}", _elsewhere(view), classes="facts")
        return
    window = now()
    asked = window.words or ""
    if window.words_shown != asked:
        set_value(_FIELD, asked)
        window.words_shown = asked
    st.text_input(
        "Search by words",
        key=_FIELD,
        max_chars=LONGEST,
        icon=":material/search:",
        placeholder="dog, castle, sports car",
        on_change=_submit,
        help="What the photos shall show. An extractor trained on ImageNet knows its 1,000 things "
        "and what they are kinds of; one of open-clip knows what captions say.",
    )


def _submit() -> None:
    text = " ".join(value_of(_FIELD).split())
    if text:
        now().ask_words(text)
    elif now().words:
        now().forget_query()


def _elsewhere(view: View) -> str:
    others = [
        name
        for name in view.dataset.space_ids
        if name != view.space.id and understands_words(view.dataset.space(name))
    ]
    if others:
        return f"This space cannot be searched by words; {others[0]} can: choose it at the left."
    return (
        "This space cannot be searched by words. Embed with --extractor efficientnet-lite0, or one "
        "of open-clip, to do so."
    )


def asked_words(view: View) -> Words | None:
    """What the words mean that are asked for; words that cannot be asked leave a message."""
    text = now().words
    if not text:
        return None
    try:
        with st.spinner("Reading what you said …"):  # the first phrase of all takes seconds
            return read_words(view.space, text)
    except ExplorerError as error:
        warn(with_hint(error))
        now().words = None
        return None


def show_words(words: Words) -> None:
    """To what the words were matched, as chips, and whether that can be trusted."""
    show("h2", "Photos that show “{}”", words.text)
    if words.matches:
        chips = "".join(
            piece("span", "{}", match.title, classes="chip", title=_members(match))
            for match in words.matches
        )
        st.html(f'<p class="chips">Matched to {chips}</p>')
        show("p", "{}", words.explanation, classes="facts")
    if words.warning:
        warn(words.warning)


def _members(match: ClassMatch) -> str:
    """Which classes a chip stands for, and how it came to be matched."""
    some = ", ".join(match.members[:_MEMBERS])
    more = len(match.members) - _MEMBERS
    listed = f"{some} and {more} more" if more > 0 else some
    return f"{listed}: {match.nearness:.2f} near what you said; counts {match.weight:.2f}"


def no_answers(asked: Words | Examples) -> str:
    """What to say where no photo is left."""
    if isinstance(asked, Words) and asked.vector is None:
        return asked.nothing
    return "No photo is left: allow more above, or in the filter."


def words_before() -> None:
    """The words of this session that were asked before: a way back."""
    window = now()
    before = [words for words in window.said if words != window.words]
    if not before:
        return
    with st.container(horizontal=True, key="words_before"):
        for number, words in enumerate(before[-5:]):
            st.button(
                as_label(f"“{words[:40]}”"),
                key=f"words_before_{number}",
                on_click=now().ask_words,
                args=(words,),
                type="tertiary",
                help="Search by these words again.",
            )
