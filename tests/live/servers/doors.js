"use strict";
// Further ways into the HTTP server of a Socket.IO server: other addresses, Unix domain
// sockets, TLS. A connection that one of them accepts is handed to that server.

const fs = require("node:fs");
const net = require("node:net");
const tls = require("node:tls");

const TLS_FILES = ["key", "cert", "ca"];

function listenerOf(httpServer, files) {
  const accept = (socket) => httpServer.emit("connection", socket);
  if (!files) return net.createServer(accept);
  const { maxVersion } = files;
  const options = { requestCert: files.ca !== undefined, maxVersion };
  for (const name of TLS_FILES) {
    if (files[name]) options[name] = fs.readFileSync(files[name]);
  }
  const server = tls.createServer(options, accept);
  server.on("tlsClientError", () => {}); // the client is told by the handshake itself
  return server;
}

/**
 * Open a way in and return its port; 0 for a Unix domain socket.
 *
 *   host  an address; path  of a Unix domain socket instead
 *   tls   {key, cert, ca}: names of PEM files; with ca, clients need a certificate
 *         maxVersion: the newest version of TLS
 */
function open(httpServer, { host = "127.0.0.1", path, tls: files }) {
  const server = listenerOf(httpServer, files);
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    const ready = () => resolve(path ? 0 : server.address().port);
    server.listen(path ? { path } : { host, port: 0 }, ready);
  });
}

/** What the server sees of a request. */
function describe(request) {
  const { method, url, headers, socket } = request;
  const certificate = socket.getPeerCertificate ? socket.getPeerCertificate() : {};
  return {
    method, url, headers, from: socket.remoteAddress || "",
    client: (certificate.subject || {}).CN || null,
  };
}

module.exports = { describe, open };
