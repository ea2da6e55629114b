"use strict";
// What the server has seen since the last reset. With a path the events are also
// appended to a file, one JSON line each, by synchronous writes: they survive SIGKILL.

const fs = require("node:fs");
const { flatten } = require("./binary");

class Journal {
  constructor(path) {
    this.file = path ? fs.openSync(path, "a") : null;
    this.reset();
  }

  reset() {
    this.events = [];
    this.counts = {};
    this.joins = [];
    this.leaves = [];
    this.requests = [];
    this.handshakes = 0;
    this.upgradeRequests = 0;
  }

  addEvent(socket, name, args) {
    const entry = { nsp: socket.nsp.name, sid: socket.id, name, args: flatten(args) };
    this.events.push(entry);
    this.counts[name] = (this.counts[name] || 0) + 1;
    if (this.file !== null) fs.writeSync(this.file, JSON.stringify(entry) + "\n");
  }

  addJoin(socket) {
    const { auth, query, headers, url } = socket.handshake;
    const { recovered } = socket;
    this.joins.push({
      nsp: socket.nsp.name, sid: socket.id, recovered, auth, query, headers, url,
    });
  }

  /** Keep the first requests: who polls for long makes many. */
  addRequest(request) {
    if (this.requests.length < 1000) this.requests.push(request);
  }

  addLeave(socket, reason) {
    this.leaves.push({ nsp: socket.nsp.name, sid: socket.id, reason });
  }
}

module.exports = { Journal };
