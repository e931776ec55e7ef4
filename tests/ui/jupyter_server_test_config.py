"""The Jupyter server of the browser tests. What differs between servers comes from its environment."""

import os

from jupyterlab.galata import configure_jupyter_server

c = get_config()  # noqa: F821

configure_jupyter_server(c)
c.ServerApp.ip = "127.0.0.1"
c.ServerApp.port = int(os.environ["TFGPU_UI_PORT"])
c.ServerApp.allow_root = True
c.ServerApp.allow_unauthenticated_access = False
# A window that says there is a newer JupyterLab would lie over what the tests look at.
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.TfGpu.simulate = os.environ.get("JUPYTER_TFGPU_SIMULATE", "")
if os.environ.get("TFGPU_UI_EXTENSION") == "off":
    c.ServerApp.jpserver_extensions = {"jupyter_tfgpu": False}
