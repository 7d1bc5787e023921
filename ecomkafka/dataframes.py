"""DataFrames on demand: pandas, which takes long to import, is imported when the first one is made."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import pandas as pd

DataFrame: TypeAlias = "pd.DataFrame"


def dataframe(rows: Sequence[Any], columns: Iterable[str]) -> DataFrame:
    """One row per element of `rows`."""
    import pandas as pd  # here, for the reason above

    return pd.DataFrame(rows, columns=list(columns))
