// npm's server with its default heartbeats, for idle connections. Prints its port as JSON;
// a line in is answered with the pings it has sent, those that were answered, and the
// connections that it has now.
"use strict";

const readline = require("node:readline");
const { Server } = require("socket.io");

const io = new Server({ transports: ["websocket"] });
let pings = 0;
let pongs = 0;
io.on("connection", (socket) => {
  socket.conn.on("packetCreate", (packet) => {
    if (packet.type === "ping") pings++;
  });
  socket.conn.on("heartbeat", () => pongs++);
});
io.listen(0);
io.httpServer.once("listening", () => {
  const { port } = io.httpServer.address();
  process.stdout.write(JSON.stringify({ port }) + "\n");
});
readline
  .createInterface({ input: process.stdin })
  .on("line", () => {
    const connections = io.engine.clientsCount;
    process.stdout.write(JSON.stringify({ pings, pongs, connections }) + "\n");
  })
  .on("close", () => process.exit(0));
