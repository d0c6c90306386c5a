/** The ledger's hashes, each under its own role (docs/formats.md, "Names"): BLAKE3 `derive_key(role, content)`. */
import { blake3 } from "@noble/hashes/blake3.js";
import { concat, utf8 } from "../bytes.js";

export const hashUnder = (role: string, ...parts: readonly Uint8Array[]): Uint8Array =>
  blake3(concat(parts), { context: utf8(role) });
