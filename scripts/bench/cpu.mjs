/** What processes took of the processor, in seconds, as Linux counts it. */
import { readdirSync, readFileSync } from "node:fs";

/** Linux counts in these, whatever its own clock is. */
const ticksPerSecond = 100;

/** Of one process, without its children. */
export function cpuOf(pid) {
  return ownTicks(statOf(pid)) / ticksPerSecond;
}

/** Of all processes of a group. */
export function cpuOfGroup(group) {
  const ticks = everybody().filter((stat) => Number(stat[4]) === group);
  return sum(ticks.map(ownTicks)) / ticksPerSecond;
}

/** Of a process and its children, also of those that have ended. */
export function cpuOfFamily(pid) {
  const stat = statOf(pid);
  const children = everybody().filter((each) => Number(each[3]) === pid);
  const ended = Number(stat[15]) + Number(stat[16]);
  return (ownTicks(stat) + ended + sum(children.map(ownTicks))) / ticksPerSecond;
}

/** Memory of a process in MB. */
export function residentMb(pid) {
  const text = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+)/m.exec(text)?.[1] ?? Number.NaN) / 1000;
}

/** The fields of /proc/PID/stat by their numbers in proc(5), less one. */
function statOf(pid) {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const end = text.lastIndexOf(")");
  // A program's name may hold spaces and brackets.
  return [String(pid), text.slice(text.indexOf("(") + 1, end), ...text.slice(end + 2).split(" ")];
}

function everybody() {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        return [statOf(name)];
      } catch {
        // It has ended meanwhile.
        return [];
      }
    });
}

function ownTicks(stat) {
  return Number(stat[13]) + Number(stat[14]);
}

function sum(numbers) {
  return numbers.reduce((total, each) => total + each, 0);
}
