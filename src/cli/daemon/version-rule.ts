/** What a command does about the version of the daemon that answers. */
export type VersionVerdict = "use" | "replace" | "mismatch";

/**
 * A newer command replaces an older daemon; an older command works with a daemon that
 * is newer by up to one minor version; nothing works over two major versions, or with
 * a version that can't be read.
 */
export function versionVerdict(command: string, daemon: string): VersionVerdict {
  const ours = parse(command);
  const theirs = parse(daemon);
  if (!ours || !theirs) return "mismatch";
  if (compare(ours, theirs) > 0) return "replace";
  return isNear(ours, theirs) ? "use" : "mismatch";
}

/** The rule where the daemon may not be replaced: one minor version apart works in both directions. */
export function worksTogether(command: string, daemon: string): boolean {
  const ours = parse(command);
  const theirs = parse(daemon);
  return ours !== undefined && theirs !== undefined && isNear(ours, theirs);
}

interface Version {
  readonly numbers: readonly [major: number, minor: number, patch: number];
  readonly prerelease: readonly string[];
}

function parse(text: string): Version | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/.exec(text);
  if (!match) return undefined;
  return {
    numbers: [Number(match[1]), Number(match[2]), Number(match[3])],
    prerelease: match[4]?.split(".") ?? [],
  };
}

function isNear(one: Version, other: Version): boolean {
  return one.numbers[0] === other.numbers[0] && Math.abs(one.numbers[1] - other.numbers[1]) <= 1;
}

/** Semantic versioning's order: below 0 when one is the older. */
function compare(one: Version, other: Version): number {
  for (const index of [0, 1, 2] as const) {
    const difference = one.numbers[index] - other.numbers[index];
    if (difference !== 0) return difference;
  }
  // A version without a prerelease part comes after those with one.
  if (one.prerelease.length === 0 || other.prerelease.length === 0) {
    return other.prerelease.length - one.prerelease.length;
  }
  for (const [index, part] of one.prerelease.entries()) {
    const against = other.prerelease[index];
    if (against === undefined) return 1;
    const difference = comparePart(part, against);
    if (difference !== 0) return difference;
  }
  return one.prerelease.length - other.prerelease.length;
}

function comparePart(one: string, other: string): number {
  const numeric = /^\d+$/;
  if (numeric.test(one) && numeric.test(other)) return Number(one) - Number(other);
  if (numeric.test(one) !== numeric.test(other)) return numeric.test(one) ? -1 : 1;
  return one < other ? -1 : one > other ? 1 : 0;
}
