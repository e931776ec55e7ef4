"""``jupyter tfgpu …``: the same functions as over HTTP, on a terminal. Translates and holds no logic."""
