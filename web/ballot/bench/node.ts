/** `npm run bench`: times of processor and of the clock, in this node. On a busy machine only the first says something. */
import { cpus } from "node:os";
import { measure, report } from "./measure.js";

const processor = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};
const times = Number(process.argv[2] ?? 30);
console.log(`${cpus()[0]!.model.trim()}, ${cpus().length} cores, node ${process.version}, ${times} ballots of each kind`);
console.log(`processor time\n${report(measure(times, processor))}`);
console.log(`clock\n${report(measure(times, () => performance.now()))}`);
