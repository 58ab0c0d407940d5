"""Whether an address is one that services outside of this network can reach."""

import ipaddress


def is_public(host: str) -> bool:
    """Whether a host, by name or number, may be reached from outside; the DNS is not asked."""
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith((".local", ".localhost", ".internal"))
