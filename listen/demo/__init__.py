"""The demonstration: a fictional week, played at speed by a loopback server, heard by the real collector and adapters."""
