/**
 * `npm run bench:browser [chromium]`: the same measurements in a headless Chromium. Serves the compiled files on loopback,
 * opens a page that measures and posts what it found, and ends.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { type IncomingMessage, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { cpus, tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const DEADLINE_MS = 300_000;
const TIMES = 30;
const PAGE = `<!doctype html><meta charset="utf-8"><title>urne</title>
<script type="importmap">{"imports": {"@noble/": "/node_modules/@noble/"}}</script>
<script type="module">
  const say = (text) => fetch("/said", { method: "POST", body: text });
  try {
    const { measure, report } = await import("/dist/bench/measure.js");
    await say(navigator.userAgent + "\\n" + report(measure(${TIMES}, () => performance.now())));
  } catch (fault) {
    await say("failed: " + (fault.stack ?? fault));
  }
</script>`;

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request) body += String(chunk);
  return body;
}

let hear: (text: string) => void = () => {};
const said = new Promise<string>((resolve) => (hear = resolve));
const server = createServer((request, response) => {
  void (async () => {
    const path = normalize(new URL(request.url ?? "/", "http://loopback").pathname);
    if (path === "/said") {
      hear(await bodyOf(request));
      response.end();
    } else if (path === "/") {
      response.setHeader("content-type", "text/html").end(PAGE);
    } else if (extname(path) === ".js") {
      response.setHeader("content-type", "text/javascript").end(await readFile(join(ROOT, path)));
    } else {
      response.writeHead(404).end();
    }
  })().catch(() => response.writeHead(404).end());
});
server.listen(0, "127.0.0.1");
await once(server, "listening");

const profile = await mkdtemp(join(tmpdir(), "urne-browser-"));
const flags = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";
const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
const browser = spawn(process.argv[2] ?? "chromium", [...flags.split(" "), `--user-data-dir=${profile}`, address], { stdio: "ignore" });
const failed = new Promise<string>((resolve) => {
  browser.once("error", (fault) => resolve(`failed: ${fault.message}; name a browser: npm run bench:browser -- /usr/bin/chromium`));
  setTimeout(() => resolve(`failed: no answer in ${DEADLINE_MS / 1_000} s`), DEADLINE_MS).unref();
});
const text = await Promise.race([said, failed]);
console.log(`${cpus()[0]!.model.trim()}, ${cpus().length} cores, ${TIMES} ballots of each kind, by the clock\n${text}`);

const ended = once(browser, "close");
if (browser.kill()) await ended;
server.close();
server.closeAllConnections();
await rm(profile, { recursive: true, force: true, maxRetries: 5 });
process.exitCode = text.startsWith("failed") ? 1 : 0;
