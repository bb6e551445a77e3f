"""What every answer carries, whatever it tells and whoever sends it."""

from __future__ import annotations

from flask import Flask, Response

SERVER = "web"
"""Which program answers, and which version, is nobody's business."""


def on(app: Flask) -> None:
    @app.after_request
    def add(answer: Response) -> Response:
        answer.headers["Server"] = SERVER
        return answer
