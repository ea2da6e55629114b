"""nginx in front of Node servers, which only a cookie makes stay with one of them."""

from __future__ import annotations

from pathlib import Path

from peers.daemon import Daemon, program

CONFIG = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream all {{ server 127.0.0.1:{one}; server 127.0.0.1:{two}; }}
    upstream one {{ server 127.0.0.1:{one}; }}
    upstream two {{ server 127.0.0.1:{two}; }}
    map $cookie_worker $pool {{ default all; one one; two two; }}
    map $http_upgrade $connection_upgrade {{ default upgrade; "" ""; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://$pool;
            proxy_http_version 1.1;
            proxy_buffering off;
            proxy_set_header Host $host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
        }}
    }}
}}
"""


def nginx(folder: Path, one: int, two: int) -> Daemon:
    """Start nginx; requests go in turn to both servers, or where their cookie says.

    Args:
        folder: Where its files go.
        one: The port of the server that sets the cookie `worker=one`.
        two: The port of the other.
    """
    path = program("nginx", "nginx-light")

    def command(port: int) -> list[str]:
        config = folder / f"nginx-{port}.conf"
        config.write_text(CONFIG.format(folder=folder, port=port, one=one, two=two))
        return [path, "-p", str(folder), "-c", str(config)]

    return Daemon(command)
