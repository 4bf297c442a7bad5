"""Questions to a space, answered with image ids and similarities."""

from typing import TYPE_CHECKING

from explorer.on_demand import names_on_demand

if TYPE_CHECKING:
    from explorer.search.ask import Question, acceptable, search, surplus_copies
    from explorer.search.crop import Crop
    from explorer.search.examples import Examples, by_examples
    from explorer.search.familiar import unfamiliar
    from explorer.search.query import Hit, Similarities, by_vector, embed_image, hits
    from explorer.search.settings import LESS, MOST_LESS
    from explorer.search.sight import Sight, dimension_names, look, sees_places
    from explorer.search.words import Words, by_words, read_words, understands_words

names_on_demand(__name__)
