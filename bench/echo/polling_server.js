// The server of the polling measures: npm's own, for every contender the same.
// Prints its port as JSON; any event with an ack is acknowledged with its arguments.
"use strict";

const { Server } = require("socket.io");

const io = new Server({ transports: ["polling"] });
io.on("connection", (socket) => {
  socket.onAny((_event, ...args) => {
    const ack = args.pop();
    if (typeof ack === "function") ack(...args);
  });
});
io.listen(0);
io.httpServer.once("listening", () => {
  const { port } = io.httpServer.address();
  process.stdout.write(JSON.stringify({ polling: port }) + "\n");
});
process.stdin.resume();
process.stdin.once("end", () => process.exit(0));
