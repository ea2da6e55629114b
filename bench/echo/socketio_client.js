// socket.io-client, through its public API. Takes jobs as echo/contender.py says.
"use strict";

const readline = require("node:readline");
const { io } = require("socket.io-client");

const EVENT = "tick";
const BURST = 1000;
const IN_FLIGHT = 64;
const LISTENERS = 10;
const BEATS = 5;
const LEAST_BEATS = 1000;

function connect(job) {
  const socket = io(job.url, {
    transports: [job.transport],
    upgrade: false,
    rejectUnauthorized: false,
    forceNew: true,
    reconnection: false,
  });
  return new Promise((resolve, reject) => {
    socket.once("connect", () => resolve(socket));
    socket.once("connect_error", reject);
  });
}

function ending(socket, event) {
  return new Promise((resolve) => {
    socket.once(event, (...args) => resolve(args));
  });
}

function nextTurn() {
  return new Promise((resolve) => setImmediate(resolve));
}

function ignore() {}

function seconds() {
  return performance.now() / 1000;
}

async function timed(count, work) {
  const cpu = process.cpuUsage();
  const start = seconds();
  const laps = await work();
  const result = { count, seconds: seconds() - start };
  const { user, system } = process.cpuUsage(cpu);
  result.cpu = (user + system) / 1e6;
  if (laps) {
    laps.sort((a, b) => a - b);
    result.p50 = laps[Math.floor(laps.length / 2)];
    result.p99 = laps[Math.floor(laps.length * 0.99)];
  }
  return result;
}

async function emitBursts(socket, job) {
  const values = Array.from(
    { length: BURST },
    (_, i) => job.values[i % job.values.length],
  );
  for (let i = 0; i < job.count / BURST; i++) {
    for (const value of values) socket.emit(EVENT, value);
    await nextTurn();
  }
}

// Round trips in callback style: send() asks, answered() is called with each answer.
function lapping(count, wire) {
  const laps = [];
  return new Promise((resolve) => {
    let start;
    const send = wire(() => {
      const now = seconds();
      laps.push(now - start);
      start = now;
      if (laps.length < count) send();
      else resolve(laps);
    });
    start = seconds();
    send();
  });
}

const kinds = {
  async check(socket, job) {
    const received = [];
    socket.on(EVENT, (value) => received.push(value));
    const done = ending(socket, "done");
    socket.emit("flood", job.count, job.payload);
    await done;
    const equal = received.every(
      (value, i) =>
        JSON.stringify(value) === JSON.stringify(job.values[i % job.values.length]),
    );
    if (!equal || received.length !== job.count) {
      throw new Error(`received ${received.length} events, not as sent`);
    }
    const sunk = ending(socket, "sunk");
    socket.emit("sink", job.count, job.payload);
    await emitBursts(socket, job);
    const answer = await sunk;
    return { count: answer[0], equal: answer[2] };
  },

  receive(socket, job) {
    socket.on(EVENT, ignore);
    return kinds.unheard(socket, job);
  },

  many_listeners(socket, job) {
    for (let i = 0; i < LISTENERS; i++) socket.on(EVENT, ignore);
    return kinds.unheard(socket, job);
  },

  unheard(socket, job) {
    const done = ending(socket, "done");
    return timed(job.count, async () => {
      socket.emit("flood", job.count, job.payload);
      await done;
    });
  },

  emit(socket, job) {
    const sunk = ending(socket, "sunk");
    return timed(job.count, async () => {
      socket.emit("sink", job.count);
      await emitBursts(socket, job);
      await sunk;
    });
  },

  ack(socket, job) {
    return timed(job.count, async () => {
      const laps = [];
      for (let i = 0; i < job.count; i++) {
        const start = seconds();
        await socket.emitWithAck("echo", 1);
        laps.push(seconds() - start);
      }
      return laps;
    });
  },

  ack_callback(socket, job) {
    return timed(job.count, () =>
      lapping(job.count, (answered) => () => socket.emit("echo", 1, answered)),
    );
  },

  acks(socket, job) {
    const worker = async () => {
      for (let i = 0; i < job.count / IN_FLIGHT; i++) {
        await socket.emitWithAck("echo", 1);
      }
    };
    return timed(job.count, async () => {
      await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
    });
  },

  async crowd(_socket, job) {
    const WARM = 20;
    const BATCH = 50;
    const kept = [];
    for (let i = 0; i < WARM; i++) kept.push(await connect(job));
    collect();
    const before = process.memoryUsage().rss;
    const result = await timed(job.count, async () => {
      for (let i = 0; i < job.count; i += BATCH) {
        const size = Math.min(BATCH, job.count - i);
        const batch = Array.from({ length: size }, () => connect(job));
        kept.push(...(await Promise.all(batch)));
      }
    });
    collect();
    result.bytes = (process.memoryUsage().rss - before) / job.count;
    const beats = Math.max(BEATS, Math.floor(LEAST_BEATS / kept.length));
    const idle = await spent([], beats);
    const busy = await spent(kept, beats);
    result.beat = (busy - idle) / (kept.length * beats);
    return result;
  },

  blob(socket, job) {
    const attachment = Buffer.alloc(job.blob, "sioc");
    return timed(job.count, () =>
      lapping(job.count, (answered) => {
        socket.on("blob", answered);
        return () => socket.emit("blob", attachment);
      }),
    );
  },
};

function collect() {
  if (process.versions.bun) Bun.gc(true);
  else global.gc();
}

// The processor time of three seconds in which connections have heartbeats.
async function spent(sockets, beats) {
  const cpu = process.cpuUsage();
  for (const socket of sockets) socket.emit("beat", beats);
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const { user, system } = process.cpuUsage(cpu);
  return (user + system) / 1e6;
}

function answer(result) {
  process.stdout.write(JSON.stringify(result) + "\n");
}

async function serve() {
  const client = require("socket.io-client/package.json").version;
  const runtime = process.versions.bun ? "bun" : "node";
  answer({
    versions: {
      [runtime]: process.versions[runtime],
      "socket.io-client": client,
    },
  });
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const job = JSON.parse(line);
    if (!(job.kind in kinds)) {
      answer({ unsupported: true });
      continue;
    }
    try {
      const socket = await connect(job);
      const result = await kinds[job.kind](socket, job);
      socket.disconnect();
      answer(result);
    } catch (error) {
      answer({ error: `${error.stack}\n${error}` });
    }
  }
}

// Connections left open would keep the process alive.
serve().then(() => process.exit(0));
