"use strict";
// What npm's parsers make of packets: socket.io-parser, the one clients and servers
// have by default, and socket.io-msgpack-parser.
//
// One JSON array per line of stdin, its answer in the same line of stdout:
//
//   ["decode", chunks]     a fresh decoder gets the chunks, a str as it is, [base64] as a
//                          Buffer. Answer: [packets, error], error null or its message
//   ["again", chunks]      the chunks of the packets that are decoded, encoded again
//   ["unpack", base64]     the same as "decode" by the MessagePack parser
//   ["encode", source]     source is a JavaScript expression of a packet. Answer: chunks
//   ["pack", source]       the same by the MessagePack parser
//
// Values that JSON has not are tagged: {"$": ["bytes", base64]}, {"$": ["number", text]},
// {"$": ["undefined"]}, {"$": ["date", milliseconds]}.

const readline = require("node:readline");
const json = require("socket.io-parser");
const msgpack = require("socket.io-msgpack-parser");

function tag(value) {
  if (value === undefined) return { $: ["undefined"] };
  if (typeof value === "number") {
    const plain = Number.isFinite(value) && !Object.is(value, -0);
    return plain ? value : { $: ["number", Object.is(value, -0) ? "-0" : `${value}`] };
  }
  if (value === null || typeof value !== "object") return value;
  if (Buffer.isBuffer(value)) return { $: ["bytes", value.toString("base64")] };
  if (value instanceof ArrayBuffer) return tag(Buffer.from(value));
  if (value instanceof Date) return { $: ["date", value.getTime()] };
  if (Array.isArray(value)) return value.map(tag);
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, tag(v)]));
}

function decode(parser, chunks) {
  const packets = [];
  const decoder = new parser.Decoder();
  decoder.on("decoded", ({ type, nsp, data, id }) => {
    packets.push([type, nsp, tag(data), id === undefined ? null : id]);
  });
  try {
    for (const chunk of chunks) decoder.add(chunk);
    return [packets, null];
  } catch (error) {
    return [packets, error.message];
  }
}

function encode(parser, source) {
  const packet = new Function(`return (${source})`)();
  return new parser.Encoder().encode(packet).map(tag);
}

function again(parser, chunks) {
  const encoded = [];
  const decoder = new parser.Decoder();
  const encoder = new parser.Encoder();
  decoder.on("decoded", (packet) => encoded.push(...encoder.encode(packet).map(tag)));
  for (const chunk of chunks) decoder.add(chunk);
  return encoded;
}

function buffer(base64) {
  return Buffer.from(base64, "base64");
}

function message(chunk) {
  return typeof chunk === "string" ? chunk : buffer(chunk[0]);
}

const tasks = {
  decode: (chunks) => decode(json, chunks.map(message)),
  again: (chunks) => again(json, chunks.map(message)),
  unpack: (base64) => decode(msgpack, [buffer(base64)]),
  encode: (source) => encode(json, source),
  pack: (source) => encode(msgpack, source),
};

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const [task, argument] = JSON.parse(line);
  process.stdout.write(JSON.stringify(tasks[task](argument)) + "\n");
});
