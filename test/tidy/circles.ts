/**
 * Import circles: files, or folders, that all reach one another. None of them can be read, tested
 * or moved alone. An import of a type counts: it says as much about who has to know whom.
 */
import type { Source } from "./source.js";

type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** What a file of src/ is part of; undefined for what the question is not about. */
export type PartOf = (path: string) => string | undefined;

/** Each file is a part of its own. */
export const byFile: PartOf = (path) => path;

/** The folders of src/. */
export const byFolder: PartOf = (path) => path.split("/").slice(0, 2).join("/");

/** The folders inside a folder of src/, beside one another; files that stand above them are no part. */
export const byRoom: PartOf = (path) => {
  const parts = path.split("/");
  return parts.length > 3 ? parts.slice(0, 3).join("/") : undefined;
};

/** The imports among parts, those inside a part left out. */
export function graphOf(sources: readonly Source[], partOf: PartOf): Graph {
  const graph = new Map<string, Set<string>>();
  for (const { path, imports } of sources) {
    const from = partOf(path);
    if (from === undefined) continue;
    const reached = graph.get(from) ?? new Set();
    graph.set(from, reached);
    for (const { what } of imports) {
      const to = what.startsWith("src/") ? partOf(what) : undefined;
      if (to !== undefined && to !== from) reached.add(to);
    }
  }
  return graph;
}

/** Every circle as its members in alphabetical order; those that share a member are one. */
export function circlesOf(graph: Graph): string[][] {
  const reach = new Map([...graph.keys()].map((part) => [part, reachedFrom(graph, part)]));
  const isMutual = (a: string, b: string) => reach.get(a)?.has(b) === true && reach.get(b)?.has(a) === true;
  const parts = [...graph.keys()].sort();
  return parts
    .map((part) => parts.filter((other) => isMutual(part, other)))
    .filter((circle, index) => circle[0] === parts[index]);
}

/** All that is imported from there, directly or not. A part is in its own reach only through a circle. */
function reachedFrom(graph: Graph, start: string): Set<string> {
  const reached = new Set<string>();
  const waiting = [start];
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    for (const next of graph.get(part) ?? []) {
      if (reached.has(next)) continue;
      reached.add(next);
      waiting.push(next);
    }
  }
  return reached;
}
