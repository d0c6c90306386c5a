/**
 * The voter's credential: a key made on her own device for one college of one election, out of one root secret (her recovery
 * phrase). K signs her ballots; nobody who sees K can tell whose it is, unless the census says so.
 */
import { concat, u16 } from "./bytes.js";
import { G, type Element, element, times } from "./group.js";
import { SecretSource } from "./transcript.js";

/** The secret half of a credential, and K. Neither a string nor JSON says the secret. */
export class CredentialSecret {
  readonly #scalar: bigint;
  /** K */
  readonly public: Element;
  constructor(scalar: bigint) {
    this.#scalar = scalar;
    this.public = element(times(G, scalar));
  }
  /** Whoever has it can vote. */
  expose(): bigint {
    return this.#scalar;
  }
}

/** What a recovery phrase says: 32 secret bytes, for all elections of one voter. */
export class RootSecret {
  readonly #bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    if (bytes.length !== 32) throw new RangeError("a root secret takes 32 bytes");
    this.#bytes = concat([bytes]);
  }
  /**
   * The credential for one college of one election: another one in each, so that nobody follows a voter from one to the next,
   * and whoever votes in two colleges has two rights that nothing joins.
   */
  credential(chain: Uint8Array, election: Uint8Array, college: number): CredentialSecret {
    return new CredentialSecret(this.source(chain, election, college).scalar("credential"));
  }
  /** The one credential of a chain whose key stands on the census with its owner's name. */
  publishedCredential(chain: Uint8Array): CredentialSecret {
    const source = new SecretSource("urne.v1 published credential", this.#bytes).append("chain", chain);
    return new CredentialSecret(source.scalar("credential"));
  }
  /** Where the secrets of one college of one election come from. */
  source(chain: Uint8Array, election: Uint8Array, college: number): SecretSource {
    const source = new SecretSource("urne.v1 credential secret", this.#bytes);
    return source.append("chain", chain).append("election", election).append("college", u16(college));
  }
}
