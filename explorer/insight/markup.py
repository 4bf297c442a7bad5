"""Small pieces of HTML with every value escaped."""

from html import escape


def piece(tag: str, text: str = "", *values: object, classes: str = "", **attributes: str) -> str:
    """One element; `{}` in `text` stand for `values`, which are escaped, as attributes are.

    >>> piece("p", "{} of {}", "<b>", 3, classes="note")
    '<p class="note">&lt;b&gt; of 3</p>'
    >>> piece("img", src="/a.jpg", alt="a cat")
    '<img src="/a.jpg" alt="a cat">'
    """
    named = {"class": classes, **attributes} if classes else attributes
    inside = "".join(f' {name}="{escape(value)}"' for name, value in named.items())
    if tag == "img":  # it holds nothing, and has no end
        return f"<{tag}{inside}>"
    return f"<{tag}{inside}>{text.format(*(escape(str(value)) for value in values))}</{tag}>"
