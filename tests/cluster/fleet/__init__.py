"""A fleet under change: what its status claims beside what its proxies do, and calls that must not be lost."""
