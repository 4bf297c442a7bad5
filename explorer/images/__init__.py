"""A file or a stream -> a decoded RGB image, or a reason why not; thumbnails."""

from typing import TYPE_CHECKING

from explorer.on_demand import names_on_demand

if TYPE_CHECKING:
    from explorer.images.decode import MAX_PIXELS, Decoded, decode
    from explorer.images.exif import read_exif
    from explorer.images.formats import IMAGE_EXTENSIONS
    from explorer.images.large_files import hold, one_large_file_at_a_time
    from explorer.images.listing import (
        SPLIT_FOLDERS,
        ImageRef,
        Labels,
        Listing,
        Source,
        label_values,
    )
    from explorer.images.manifests import path_column
    from explorer.images.measures import Measures, measure, measure_jpeg
    from explorer.images.safe_decoder import SafeDecoder
    from explorer.images.sources import local_file, open_source
    from explorer.images.spelling import Spellings, is_windows_path
    from explorer.images.tables import Rows, named_columns, read_table
    from explorer.images.thumbnails import thumbnail
    from explorer.images.values import from_python, put

names_on_demand(__name__)
