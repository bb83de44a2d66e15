"""Alerts: rules over what arrives, their life cycle, and what is told of it."""
