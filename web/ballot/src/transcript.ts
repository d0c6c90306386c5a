/**
 * Fiat-Shamir: everything a statement depends on is hashed before its challenge, each item under its label, both
 * length-prefixed (u32). BLAKE3 `derive_key` under `urne.v1 <role>`; a challenge is 64 bytes of output, fed back.
 */
import { blake3 } from "@noble/hashes/blake3.js";
import { u32, utf8 } from "./bytes.js";
import { wide } from "./group.js";

type Hasher = ReturnType<typeof blake3.create>;

/** What prover and verifier hash, in the same order. */
export class Transcript {
  readonly #hasher: Hasher;
  /** A fresh one, under its role (`urne.v1 …`), or a copy of another. */
  constructor(of: string | Transcript) {
    this.#hasher = typeof of === "string" ? blake3.create({ context: utf8(of) }) : of.#hasher.clone();
  }
  /** `len(label) ‖ label ‖ len(bytes) ‖ bytes` */
  append(label: string, bytes: Uint8Array): this {
    this.#label(label).update(u32(bytes.length)).update(bytes);
    return this;
  }
  appendU32(label: string, value: number): this {
    return this.append(label, u32(value));
  }
  /** Many items of 32 bytes: `len(label) ‖ label ‖ number of them ‖ items`. */
  appendWords(label: string, words: readonly Uint8Array[]): this {
    const hasher = this.#label(label).update(u32(words.length));
    for (const word of words) hasher.update(word);
    return this;
  }
  /** A challenge: it depends on all that came before, and what follows depends on it. */
  challenge(label: string): bigint {
    return wide(this.challengeBytes(label));
  }
  /** The 64 bytes of a challenge, for whoever reduces them by another order. */
  challengeBytes(label: string): Uint8Array {
    this.#label(label);
    const bytes = this.output(64);
    this.#hasher.update(bytes);
    return bytes;
  }
  /** The digest of all that came before. */
  digest(): Uint8Array {
    return this.output(32);
  }
  /** That many bytes of output; they are not fed back. */
  output(length: number): Uint8Array {
    return this.#hasher.clone().xof(length);
  }
  #label(label: string): Hasher {
    const bytes = utf8(label);
    return this.#hasher.update(u32(bytes.length)).update(bytes);
  }
}

/** Where secret numbers come from: a hash of a seed and of all they must depend on. */
export class SecretSource {
  readonly #transcript: Transcript;
  constructor(role: string, seed: Uint8Array) {
    this.#transcript = new Transcript(role).append("seed", seed);
  }
  append(label: string, bytes: Uint8Array): this {
    this.#transcript.append(label, bytes);
    return this;
  }
  /** 64 bytes for one use, named by its label and index. */
  bytes(label: string, index = 0): Uint8Array {
    return new Transcript(this.#transcript).appendU32(label, index).output(64);
  }
  scalar(label: string, index = 0): bigint {
    return wide(this.bytes(label, index));
  }
}
