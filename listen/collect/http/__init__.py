"""The polite client: the only way from the collector to other people's servers."""

from listen.collect.http.client import PROJECT_URL, Client, user_agent
from listen.collect.http.politeness import HostState, HostStore, MemoryHosts
from listen.collect.http.records import Fetched, FetchError, Limits, Rate, Validators

__all__ = [
    "PROJECT_URL",
    "Client",
    "FetchError",
    "Fetched",
    "HostState",
    "HostStore",
    "Limits",
    "MemoryHosts",
    "Rate",
    "Validators",
    "user_agent",
]
