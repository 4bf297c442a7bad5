"""The app: `streamlit run explorer/app.py` (`-- --dataset NAME` to choose a dataset).

One file with two roles: the server imports it for `app`, which adds our routes to Streamlit's own;
Streamlit's script runner executes it as `__main__` at every rerun.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
# `streamlit run` puts explorer/ itself first on the path, where our rooms would shadow top-level
# modules of the same name. The folder above makes `import explorer` work from a bare clone.
sys.path[:] = [str(HERE.parent), *(p for p in sys.path if p not in (str(HERE), str(HERE.parent)))]

import streamlit as st  # noqa: E402

from explorer.serving.delivery import event_route  # noqa: E402
from explorer.serving.downloads import DOWNLOADS  # noqa: E402
from explorer.serving.middleware import MIDDLEWARE  # noqa: E402
from explorer.serving.routes import ROUTES  # noqa: E402
from explorer.ui.events import HANDLERS  # noqa: E402
from explorer.ui.frame import run_app  # noqa: E402
from explorer.ui.warming import lifespan  # noqa: E402

ALL_ROUTES = [event_route(HANDLERS), *DOWNLOADS, *ROUTES]
app = st.App(__file__, routes=ALL_ROUTES, middleware=MIDDLEWARE, lifespan=lifespan)

# In a wheel the pages are installed inside the package; in a clone they lie beside it.
PAGES = next(p for p in (HERE / "app_pages", HERE.parent / "pages") if p.is_dir())

if __name__ == "__main__":
    run_app(PAGES)
