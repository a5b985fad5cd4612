from tests.sessions.conftest import store

__all__ = ["store"]
