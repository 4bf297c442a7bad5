"""An image becomes a vector: one file per family, one registry, one runtime."""

from typing import TYPE_CHECKING

from explorer.on_demand import names_on_demand

if TYPE_CHECKING:
    from explorer.extractors.base import (
        Classifier,
        EmbedsText,
        Extractor,
        ExtractorInfo,
        Family,
        FromFile,
        ImageArray,
        Layer,
        NamesDimensions,
        Options,
        SeesPlaces,
    )
    from explorer.extractors.class_words import ClassMatch, match_classes
    from explorer.extractors.library import (
        available,
        families,
        get,
        info,
        layers,
        load_file,
        register,
        register_family,
    )
    from explorer.extractors.model_cache import telling
    from explorer.extractors.preparing import prepare
    from explorer.extractors.sentences import INSTALL, can_embed_sentences
    from explorer.extractors.sharing import ForwardPass, blaming, forward_passes
    from explorer.extractors.speed import known_speeds, measure_speed
    from explorer.extractors.trusted import trust

names_on_demand(__name__)
