"""Who may connect to a listener."""

import ipaddress
from collections.abc import Sequence

from organtwin.errors import ParameterError

LOOPBACK = "127.0.0.1"

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def networks(host: str, peers: Sequence[str]) -> tuple[Network, ...]:
    """Who may connect; on loopback this computer alone, if nobody is named.

    Raises
    ------
    ParameterError
        An address is none, or the host can be reached by others and nobody is named.
    """
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
        named = tuple(ipaddress.ip_network(peer, strict=False) for peer in peers)
    except ValueError as error:
        raise ParameterError(f"addresses of a listener are numeric: {error}") from error
    if not loopback and not named:
        raise ParameterError(
            f"a listener on {host} can be reached by others: name in `peers` who may connect, "
            f"or listen on {LOOPBACK}"
        )
    return named or (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))


def inside(peer: str, allowed: Sequence[Network]) -> bool:
    """Whether an address is in one of the networks; IPv4 in IPv6 dress counts as IPv4."""
    try:
        address = ipaddress.ip_address(peer.partition("%")[0])
    except ValueError:
        return False
    plain = getattr(address, "ipv4_mapped", None) or address
    return any(plain.version == network.version and plain in network for network in allowed)
