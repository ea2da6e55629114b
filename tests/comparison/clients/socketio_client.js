// Connect to a URL with socket.io-client and print what happens.
"use strict";

const { io } = require("socket.io-client");

const [url, transport] = process.argv.slice(2);
const tell = (...what) => console.log(JSON.stringify(what));

const socket = io(url, {
  transports: [transport],
  reconnection: false,
  timeout: 1000,
  forceNew: true,
});
for (const event of ["before", "e", "half", "behind"]) {
  socket.on(event, () => tell(event));
}
socket.on("connect", () => tell("connected"));
socket.on("connect_error", (error) => {
  tell("refused", error.name);
  socket.disconnect();
});
socket.on("disconnect", (reason) => tell("disconnect", reason));
