"""Choosing images by a SQL expression over the columns."""

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from explorer.errors import UsageError
from explorer.store import Space


def where(space: Space, expression: str) -> npt.NDArray[np.int64]:
    """The ids, ascending, of the images for which a SQL expression over the columns is true.

    DuckDB runs it on the columns alone: it can read no file and reach no network. Raises
    `UsageError` for an expression that is wrong or that tries to.

    Example: `label = 'fish' AND outlier_score < 0.3 AND width >= 640`.
    """
    connection = duckdb.connect(":memory:")
    try:
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        connection.register("images", space.table())
        relation = connection.table("images").filter(expression)
        ids: pa.ChunkedArray = relation.project("image_id").to_arrow_table()["image_id"]
    except duckdb.Error as error:
        reason = str(error).split("\n", 1)[0]
        raise UsageError(
            f"The expression {expression!r} does not work: {reason}. "
            f"It may use these columns: {', '.join(space.column_names)}."
        ) from error
    finally:
        connection.close()
    return np.unique(ids.to_numpy())
