"use strict";
// The control channel: one JSON object per line, commands in on stdin, replies out on
// stdout. A command is {"id": n, "do": name, ...}; its reply is {"id": n, "value": ...}
// or {"id": n, "error": text}. The end of stdin ends the process, so that no server
// outlives the tests.

const fs = require("node:fs");
const readline = require("node:readline");

function send(message) {
  fs.writeSync(1, JSON.stringify(message) + "\n");
}

async function answer(commands, { id, do: name, ...fields }) {
  if (!Object.hasOwn(commands, name)) throw new Error(`unknown command ${name}`);
  const value = await commands[name](fields);
  send({ id, value: value === undefined ? null : value });
}

/** Serve commands from stdin until it ends. */
function serve(commands) {
  const lines = readline.createInterface({ input: process.stdin });
  lines.on("line", (line) => {
    const command = JSON.parse(line);
    answer(commands, command).catch((error) => {
      send({ id: command.id, error: String(error) });
    });
  });
  lines.on("close", () => process.exit(0));
}

module.exports = { send, serve };
