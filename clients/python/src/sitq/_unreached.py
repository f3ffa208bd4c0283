"""Why no server answered: what gRPC and its TLS say, in plain words that say what to do."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

Handshake = Literal["untrusted", "wrong_name", "expired", "not_tls", "certificate_required", "closed"]
"""What was wrong with a connection that did not come about though there was one on the network.

``closed``: the peer ended it without a word, as one that wants TLS, or another client certificate, does.
"""

NO_ROOM = "it refuses the call's headers, which are too large (a shorter token, less metadata), or has no room for another call"
"""What is said of a call that was cut while its headers were on their way."""
_CUT = "the connection was cut"

_EXPLANATIONS: list[tuple[str, str, Handshake | None]] = [
    (
        r"Hostname Verification Check failed|Peer name .* is not in peer certificate",
        "its certificate is for another name: call it by a name that is in the certificate, or name that one by"
        " tls.server_name (SITQ_TLS_SERVER_NAME)",
        "wrong_name",
    ),
    (
        r"certificate has expired|certificate is not yet valid",
        "its certificate has expired, or is not valid yet: renew it at the server, and compare the clocks",
        "expired",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED",
        "its certificate is not trusted: give the authority that has signed it by tls.ca (SITQ_TLS_CA)",
        "untrusted",
    ),
    (
        r"WRONG_VERSION_NUMBER|HTTP_REQUEST|RECORD_HEADER|PACKET_LENGTH_TOO_LONG",
        "it does not speak TLS: connect without tls, or give the server a certificate",
        "not_tls",
    ),
    # What BoringSSL makes of the alert of TLS 1.3, and of the one of TLS 1.2.
    (
        r"TSI_DATA_CORRUPTED|ALERT_(?:CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|UNKNOWN_CA|BAD_CERTIFICATE)",
        "it wants a client certificate that it trusts: give one by tls.cert and tls.key (SITQ_TLS_CLIENT_CERT,"
        " SITQ_TLS_CLIENT_KEY)",
        "certificate_required",
    ),
    (
        r"failed to connect to all addresses.*(?:Socket closed|[Cc]onnection reset|Broken pipe)",
        "it closed the connection at once, as a server does that wants TLS, or another client certificate: see tls",
        "closed",
    ),
    # nghttp2 answers headers that are far too large with COMPRESSION_ERROR or ENHANCE_YOUR_CALM, and cuts what still comes.
    (r"GOAWAY received; Error code: (?:9|11)\b|sendmsg: Broken pipe|^Internal error from Core$", NO_ROOM, None),
    (r"Stream removed|Socket closed|Connection reset|Broken pipe|RST_STREAM", _CUT, None),
    (r"DNS resolution failed", "the host name is not known", None),
    (r"Deadline Exceeded", "it does not answer", None),
]


class Unreached(NamedTuple):
    """Why a call got no answer."""

    why: str
    handshake: Handshake | None = None


def explain(details: str) -> Unreached:
    """Explains the details of a status that no server has sent. What is not known stays as it is."""
    for pattern, why, handshake in _EXPLANATIONS:
        if re.search(pattern, details):
            return Unreached(why, handshake)
    last = details.rpartition("last error: ")[2]
    found = re.search(r"Failed to connect to remote host: (.+)$", last)
    return Unreached(found[1].lower() if found else last)


def is_from_core(details: str) -> bool:
    """Whether INTERNAL means that the stream was gone before a message could be sent."""
    return details == "Internal error from Core"


def is_unconnected(details: str) -> bool:
    """Whether there was no connection for the call, so that no server can have got it."""
    return details.startswith(("failed to connect to all addresses", "DNS resolution failed"))
