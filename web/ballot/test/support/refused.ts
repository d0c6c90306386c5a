import assert from "node:assert/strict";
import { Refusal } from "../../src/refusal.js";

/** Expects a refusal of that number and no other error. */
export function refused(code: number, name: string, attempt: () => unknown): void {
  try {
    attempt();
  } catch (fault) {
    if (!(fault instanceof Refusal)) throw fault;
    assert.equal(fault.code, code, `${name}: ${fault.message}`);
    return;
  }
  assert.fail(`${name}: accepted, should earn ${code}`);
}
