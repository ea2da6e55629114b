"use strict";
// A Socket.IO server on Bun: not Node's HTTP, not ws, not engine.io. Run it by bun.
//
//   bun bun.js '{"port": 0}'
//
// It has the namespace / and the behaviour of server.js there.

const { Server: Engine } = require("@socket.io/bun-engine");
const { Server } = require("socket.io");
const { attach } = require("./behaviour");
const { makeCommands } = require("./commands");
const control = require("./control");
const { Journal } = require("./journal");

function main() {
  const journal = new Journal();
  const io = new Server({ serveClient: false });
  const engine = new Engine({ path: "/socket.io/", maxHttpBufferSize: 100_000_000 });
  io.bind(engine);
  io.on("connection", (socket) => attach(socket, journal));
  const { idleTimeout, ...handler } = engine.handler();
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, idleTimeout, ...handler });
  control.serve({
    ...makeCommands(io, journal, () => process.exit(0)),
    reset() {
      io.disconnectSockets(true);
      journal.reset();
    },
  });
  control.send({ ready: true, port: server.port });
}

main();
