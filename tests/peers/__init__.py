"""What tests speak to, and what they watch a client with.

There are real servers in processes of their own and a scripted raw peer.
"""

import pytest

# Outside test modules an assert does not tell its values by itself.
pytest.register_assert_rewrite(
    "peers.barrier",
    "peers.http_peer",
    "peers.raw_connection",
    "peers.violation",
)
