"""Real proxies, each of which connects to servers from an address of its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from peers.daemon import Daemon, program

USER, PASSWORD = "gate", "s3cret-_.42"
QUOTED = "s3cret%2D%5F.42"

TINYPROXY = """
Port {port}
Listen 127.0.0.1
Bind {address}
Timeout 60
MaxClients 100
{more}
"""

DANTE = """
logoutput: /dev/null
internal: 127.0.0.1 port = {port}
external: {address}
clientmethod: none
socksmethod: none
client pass {{ from: 127.0.0.0/8 to: 0.0.0.0/0 }}
socks pass {{ from: 127.0.0.0/8 to: 0.0.0.0/0 protocol: tcp }}
"""

STUNNEL = """
foreground = yes
pid =
cert = {cert}
key = {key}
[proxy]
accept = 127.0.0.1:{port}
connect = 127.0.0.1:{behind}
"""


@dataclass
class Proxy:
    """A running proxy.

    Attributes:
        url: What the option `proxy` is to be.
        address: Where the server sees connections come from.
        daemon: The program that listens.
        behind: Another proxy that it hands connections to.
    """

    url: str
    address: str
    daemon: Daemon
    behind: Proxy | None = None

    def close(self) -> None:
        """End it."""
        self.daemon.close()
        if self.behind is not None:
            self.behind.close()


def tinyproxy(folder: Path, address: str, more: str = "", user: str = "") -> Proxy:
    """Start an HTTP proxy."""
    path = program("tinyproxy")

    def command(port: int) -> list[str]:
        config = folder / f"tinyproxy-{port}.conf"
        config.write_text(TINYPROXY.format(port=port, address=address, more=more))
        return [path, "-d", "-c", str(config)]

    daemon = Daemon(command)
    return Proxy(f"http://{user}127.0.0.1:{daemon.port}", address, daemon)


def stunnel(folder: Path, certificate: dict[str, str], behind: Proxy) -> Proxy:
    """Start TLS in front of an HTTP proxy."""
    path = program("stunnel", "stunnel4")

    def command(port: int) -> list[str]:
        config = folder / f"stunnel-{port}.conf"
        config.write_text(
            STUNNEL.format(port=port, behind=behind.daemon.port, **certificate)
        )
        return [path, str(config)]

    daemon = Daemon(command)
    url = behind.url.replace("http:", "https:")
    url = url.replace(f":{behind.daemon.port}", f":{daemon.port}")
    return Proxy(url, behind.address, daemon, behind)


def microsocks(address: str, user: str = "") -> Proxy:
    """Start a SOCKS5 proxy."""
    path = program("microsocks")
    login = ["-u", USER, "-P", PASSWORD] if user else []

    def command(port: int) -> list[str]:
        own = ["-i", "127.0.0.1", "-p", str(port), "-b", address]
        return [path, *own, *login]

    daemon = Daemon(command)
    return Proxy(f"socks5://{user}127.0.0.1:{daemon.port}", address, daemon)


def dante(folder: Path, address: str, user: str = "") -> Proxy:
    """Start a proxy for SOCKS4, whose user names are not checked by anybody."""
    path = program("danted", "dante-server")

    def command(port: int) -> list[str]:
        config = folder / f"dante-{port}.conf"
        config.write_text(DANTE.format(port=port, address=address))
        return [path, "-f", str(config)]

    daemon = Daemon(command)
    return Proxy(f"socks4://{user}127.0.0.1:{daemon.port}", address, daemon)


def start(kind: str, folder: Path, certificate: dict[str, str]) -> Proxy:
    """Start a proxy: `http`, `https`, `socks4` or `socks5`, perhaps with `+login`."""
    scheme, _, login = kind.partition("+")
    user = f"{USER}:{QUOTED}@" if login else ""
    last = {"http": 11, "https": 12, "socks4": 13, "socks5": 14}[scheme]
    address = f"127.0.0.{last + 10 * bool(login)}"
    if scheme == "socks4":
        return dante(folder, address, user)
    if scheme == "socks5":
        return microsocks(address, user)
    proxy = tinyproxy(
        folder, address, f"BasicAuth {USER} {PASSWORD}" if login else "", user
    )
    return proxy if scheme == "http" else stunnel(folder, certificate, proxy)
