import test from "ava";
import { LEASE_RETURN_MS } from "../../src/model/limits.js";
import { goneReason, type KernelProcess, type Machine } from "../../src/runs/lease.js";

const PROCESS = { bootId: "boot", pidNamespace: "7", pid: 42, startTicks: "100" };
const machineWith = (found: KernelProcess | undefined): Machine => ({
  bootId: "boot",
  pidNamespace: "7",
  processAt: (pid) => (pid === PROCESS.pid ? found : undefined),
});
const LIVING = machineWith({ startTicks: "100", isZombie: false });
const LONG_CLOSED = { open: 0, closedForMs: 10 * LEASE_RETURN_MS, returnMs: LEASE_RETURN_MS };

test("a process of this namespace lives as long as the kernel has it, however long its streams are closed", (t) => {
  t.is(goneReason(PROCESS, LIVING, LONG_CLOSED), undefined);
});

test("a free pid, a reused pid and a zombie are gone, also while a child holds a stream open", (t) => {
  const open = { open: 1, closedForMs: 0, returnMs: LEASE_RETURN_MS };
  for (const found of [
    undefined,
    { startTicks: "101", isZombie: false },
    { startTicks: "100", isZombie: true },
  ])
    t.regex(goneReason(PROCESS, machineWith(found), open) ?? "", /process 42 is gone/);
});

test("where start times are not known, a pid that is taken is the process", (t) => {
  const unknown = { ...PROCESS, startTicks: "0" };
  t.is(goneReason(unknown, LIVING, LONG_CLOSED), undefined);
  t.is(goneReason(PROCESS, machineWith({ startTicks: "0", isZombie: false }), LONG_CLOSED), undefined);
  t.truthy(goneReason(unknown, machineWith(undefined), LONG_CLOSED));
});

test("of a process of another namespace or boot only its streams tell, and only after a minute", (t) => {
  for (const elsewhere of [
    { ...PROCESS, pidNamespace: "8" },
    { ...PROCESS, bootId: "other" },
  ]) {
    const verdict = (open: number, closedForMs: number) =>
      goneReason(elsewhere, machineWith(undefined), { open, closedForMs, returnMs: LEASE_RETURN_MS });
    t.is(verdict(1, 10 * LEASE_RETURN_MS), undefined);
    t.is(verdict(0, LEASE_RETURN_MS - 1), undefined);
    t.regex(verdict(0, LEASE_RETURN_MS) ?? "", /did not come back within 60 s/);
  }
});
