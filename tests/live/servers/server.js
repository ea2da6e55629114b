"use strict";
// A real Socket.IO server for the live tests.
//
//   node server.js '{"port": 0, "io": {...}, "patience": ms, "journal": path}'
//
//   port      the port on 127.0.0.1; 0 or absent: any free one, told in the ready line
//   io        options of the Socket.IO server
//   parser    "msgpack": socket.io-msgpack-parser instead of the default parser
//   patience  the milliseconds the server itself waits for a pong, when they differ
//             from the pingTimeout (in io) that the handshake tells the client
//   journal   a file that every received event is appended to
//   cookie    a Set-Cookie header of every handshake
//
// Namespaces: / and /admin accept everybody, /private wants auth {token: "secret"} and
// /refused refuses with a message and data. A request with the query key deny is
// answered with HTTP 400.

const http = require("node:http");
const { Server } = require("socket.io");
const { attach } = require("./behaviour");
const { makeCommands } = require("./commands");
const control = require("./control");
const doors = require("./doors");
const { Journal } = require("./journal");

const REFUSAL = { code: "E_REFUSED", retry: false, list: [1, null, "x"] };

function refusal(message, data) {
  return Object.assign(new Error(message), { data });
}

function allowRequest(request, decide) {
  const denied = new URL(request.url, "http://localhost").searchParams.has("deny");
  decide(denied ? "denied by the server" : null, !denied);
}

/** Wait longer for pongs than the handshake tells the client. */
function waitLonger(io, patience) {
  const { pingTimeout } = io.engine.opts;
  const { generateId } = io.engine;
  // The handshake packet reads the option in the constructor of the Engine.IO
  // connection, between these two; every ping reads it again.
  io.engine.generateId = (request) => {
    io.engine.opts.pingTimeout = pingTimeout;
    return generateId.call(io.engine, request);
  };
  io.engine.on("connection", () => (io.engine.opts.pingTimeout = patience));
}

function serverOptions(options) {
  const parser =
    options.parser === "msgpack" ? require("socket.io-msgpack-parser") : undefined;
  return { allowRequest, serveClient: false, ...(parser && { parser }), ...options.io };
}

function main(options) {
  const journal = new Journal(options.journal);
  const httpServer = http.createServer((request, response) => {
    response.writeHead(404).end("nothing here");
  });
  const io = new Server(httpServer, serverOptions(options));
  // Without WebSocket nobody listens: Node then takes the request for any other.
  if (httpServer.listenerCount("upgrade") > 0) {
    httpServer.prependListener("upgrade", (request) => {
      journal.upgradeRequests += 1;
      journal.addRequest(doors.describe(request));
    });
  }
  // After the Socket.IO server, which passes requests on to the listeners before it.
  httpServer.prependListener("request", (request) => {
    journal.addRequest(doors.describe(request));
  });
  io.engine.on("connection", () => (journal.handshakes += 1));
  if (options.cookie) {
    io.engine.on("initial_headers", (headers) => {
      headers["Set-Cookie"] = options.cookie;
    });
  }
  if (options.patience) waitLonger(io, options.patience);

  for (const nsp of ["/", "/admin", "/private", "/refused"]) {
    io.of(nsp).on("connection", (socket) => attach(socket, journal));
  }
  io.of("/refused").use((socket, next) => next(refusal("not for you", REFUSAL)));
  io.of("/private").use((socket, next) => {
    const known = socket.handshake.auth.token === "secret";
    next(known ? undefined : refusal("bad token", { got: socket.handshake.auth }));
  });

  control.serve({
    ...makeCommands(io, journal, () => process.exit(0)),
    listen: (door) => doors.open(httpServer, door),
  });
  httpServer.listen(options.port || 0, "127.0.0.1", () => {
    control.send({ ready: true, port: httpServer.address().port });
  });
}

main(JSON.parse(process.argv[2] || "{}"));
