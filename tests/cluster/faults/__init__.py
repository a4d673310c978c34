"""A proxy before the API server that records what an operator asks and fails as a test says, and its own tests."""
