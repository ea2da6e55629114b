"use strict";
// JSON has no bytes, so the control channel writes a Buffer as {"$bytes": base64}.

/** Replace every {"$bytes": ...} inside value by a Buffer. */
function revive(value) {
  if (Array.isArray(value)) return value.map(revive);
  if (value === null || typeof value !== "object") return value;
  if (typeof value.$bytes === "string") return Buffer.from(value.$bytes, "base64");
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, revive(v)]));
}

/** Replace every Buffer inside value by {"$bytes": ...}. */
function flatten(value) {
  if (Buffer.isBuffer(value)) return { $bytes: value.toString("base64") };
  if (Array.isArray(value)) return value.map(flatten);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, flatten(v)]));
}

module.exports = { revive, flatten };
