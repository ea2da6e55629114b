"use strict";
// What every namespace does with the events of a client.
//
//   echo ...args            the same event and args come back (as the ack, if asked)
//   ack ...args             acknowledged with the same arguments
//   silent ...args          never acknowledged
//   late ms ...args         acknowledged after ms milliseconds
//   ask event args ms       emits event to the client and waits ms for its ack; this
//                           event's own ack is {values: [...]} or {timeout: true}
//   burst event n           emits event n times, numbered from 0
//   who                     acknowledged with the server's view of the client
//   leave close             the server disconnects the client (close: every namespace)
//   drop                    the server closes the Engine.IO connection without a packet
//   cut                     the server resets the TCP connection
//
// Any other event is only recorded.

function splitAck(args) {
  const last = args[args.length - 1];
  return typeof last === "function" ? [args.slice(0, -1), last] : [args, null];
}

function tcpSocketOf(socket) {
  return socket.conn.transport.socket._socket;
}

async function ask(socket, event, args, ms) {
  try {
    return { values: await askOnce(socket, event, args, ms) };
  } catch {
    return { timeout: true };
  }
}

function askOnce(socket, event, args, ms) {
  return new Promise((resolve, reject) => {
    socket.timeout(ms).emit(event, ...args, (error, ...values) => {
      if (error) reject(error);
      else resolve(values);
    });
  });
}

function describe(socket) {
  const { auth, query, headers } = socket.handshake;
  return { id: socket.id, recovered: socket.recovered, auth, query, headers };
}

const handlers = {
  echo(socket, args, ack) {
    if (ack) ack(...args);
    else socket.emit("echo", ...args);
  },
  ack(socket, args, ack) {
    if (ack) ack(...args);
  },
  silent() {},
  late(socket, [ms, ...args], ack) {
    setTimeout(() => ack(...args), ms);
  },
  async ask(socket, [event, args, ms], ack) {
    ack(await ask(socket, event, args, ms));
  },
  burst(socket, [event, n]) {
    for (let i = 0; i < n; i++) socket.emit(event, i);
  },
  who(socket, args, ack) {
    ack(describe(socket));
  },
  leave(socket, [close]) {
    socket.disconnect(close === true);
  },
  drop(socket) {
    socket.conn.close();
  },
  cut(socket) {
    tcpSocketOf(socket).resetAndDestroy();
  },
};

/** Give a connected socket its behaviour and record what it does. */
function attach(socket, journal) {
  journal.addJoin(socket);
  socket.on("disconnect", (reason) => journal.addLeave(socket, reason));
  socket.onAny((name, ...rest) => {
    const [args, ack] = splitAck(rest);
    journal.addEvent(socket, name, args);
    if (Object.hasOwn(handlers, name)) handlers[name](socket, args, ack);
  });
}

module.exports = { attach, askOnce, tcpSocketOf };
