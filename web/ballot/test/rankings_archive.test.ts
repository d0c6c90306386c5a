/** docs/vectors/rankings_archive.*: rankings that are opened one by one. */
import { testArchive } from "./support/archives.js";

testArchive("rankings_archive");
