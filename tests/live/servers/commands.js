"use strict";
// The commands of the control channel. Each gets the server and the command's own
// fields, and returns (or resolves to) what the reply carries.

const { setTimeout: sleep } = require("node:timers/promises");
const { revive, flatten } = require("./binary");
const { askOnce, tcpSocketOf } = require("./behaviour");

function engines(io) {
  return Object.values(io.engine.clients);
}

function members(io, nsp) {
  return [...io.of(nsp).sockets.values()];
}

function makeCommands(io, journal, quit) {
  return {
    /** Emit to every socket of a namespace. */
    emit({ nsp = "/", event, args = [], volatile = false }) {
      const room = volatile ? io.of(nsp).volatile : io.of(nsp);
      room.emit(event, ...revive(args));
    },
    /** Emit events numbered from 0 to a namespace, some in every millisecond. */
    async stream({ nsp = "/", event, count, each = 5 }) {
      for (let number = 0; number < count; number++) {
        io.of(nsp).emit(event, number);
        if (number % each === 0) await sleep(1);
      }
    },
    /** Emit to every socket of a namespace and collect the acks. */
    async ask({ nsp = "/", event, args = [], ms = 5000 }) {
      const ask = (socket) => askOnce(socket, event, revive(args), ms);
      const asked = members(io, nsp).map(ask);
      const settled = await Promise.allSettled(asked);
      return settled.map((s) =>
        s.status === "fulfilled" ? { values: flatten(s.value) } : { timeout: true },
      );
    },
    /** Disconnect every socket of a namespace, with a DISCONNECT packet. */
    disconnect({ nsp = "/", close = false }) {
      io.of(nsp).disconnectSockets(close);
    },
    /** Close every Engine.IO connection without a Socket.IO packet. */
    close_engines() {
      for (const engine of engines(io)) engine.close();
    },
    /** Reset the TCP connection of every client. */
    cut() {
      for (const socket of members(io, "/")) tcpSocketOf(socket).resetAndDestroy();
    },
    /** Counts of connections, sockets and events. */
    stats() {
      const nsps = [...io._nsps].map(([name, nsp]) => [name, nsp.sockets.size]);
      return {
        connections: io.engine.clientsCount,
        sockets: Object.fromEntries(nsps),
        handshakes: journal.handshakes,
        upgrade_requests: journal.upgradeRequests,
        counts: journal.counts,
      };
    },
    /** Wait until the server has just so many Engine.IO connections. */
    async until({ connections, ms = 5000 }) {
      const deadline = Date.now() + ms;
      while (io.engine.clientsCount !== connections) {
        if (Date.now() > deadline) {
          throw new Error(`there are ${io.engine.clientsCount} connections`);
        }
        await sleep(5);
      }
    },
    /** The events received, in order. */
    log() {
      return journal.events;
    },
    /** The HTTP requests, those that ask for a WebSocket included, in order. */
    requests() {
      return journal.requests;
    },
    /** The namespaces joined and left, in order. */
    sessions() {
      return { joins: journal.joins, leaves: journal.leaves };
    },
    /** Drop every client and forget everything. */
    reset() {
      for (const engine of engines(io)) engine.close(true);
      journal.reset();
    },
    exit() {
      quit();
    },
  };
}

module.exports = { makeCommands };
