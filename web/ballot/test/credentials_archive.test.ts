/** docs/vectors/credentials_archive.*: a secret election under credentials that registrars signed blind. */
import { testArchive } from "./support/archives.js";

testArchive("credentials_archive");
