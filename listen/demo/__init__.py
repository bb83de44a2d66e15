"""The demonstration: a fictional week, played at speed by a loopback server and heard by the real collector."""
