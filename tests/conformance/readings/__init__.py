"""Readings of recorded answers, independent of the gateway's own, and of what the SDKs give out."""
