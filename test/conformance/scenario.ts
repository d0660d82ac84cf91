/** Scenarios as they stand in clients/conformance/scenarios, and the vectors of the contract. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../support/home.js";

export type Command = Readonly<Record<string, unknown>> & { readonly do: string };

/** Something that is done, or looked at, in all languages at once. What each says is in clients/conformance/scenarios/README.md. */
export type Step =
  | {
      readonly tell: Command;
      /** The code of the error that it is answered with; without it, it succeeds. */
      readonly code?: string;
      /** What its answer holds. */
      readonly ok?: Readonly<Record<string, unknown>>;
      /** Told once for each vector, which stands for $text, $number or $value. */
      readonly vectors?: string;
      /** Languages that may answer `cannot`, and why. */
      readonly cannot?: Readonly<Record<string, string>>;
    }
  | { readonly says: string }
  | { readonly end: number }
  | { readonly kill: true }
  | { readonly daemon: string; readonly env?: Readonly<Record<string, string>> }
  | { readonly command: readonly string[] }
  | { readonly tracker: true }
  | { readonly home: "replaced" }
  | { readonly store: "held" | "free" }
  | { readonly status: Readonly<Record<string, string>> }
  | { readonly server: string; readonly code?: string; readonly grpc?: number }
  | { readonly saw: Readonly<Record<string, unknown>> }
  | { readonly points: string; readonly key: string; readonly count: number; readonly first?: number }
  | { readonly stored: string; readonly run: string }
  | {
      readonly texts: "params" | "tags";
      readonly run: string;
      readonly are: Readonly<Record<string, string>>;
    }
  | { readonly ended: string; readonly as: string };

/** How the scripted server behaves. */
export interface ServerScript {
  readonly windowBytes?: number;
  readonly messageBytesMax?: number;
  readonly ackDelayMs?: number;
  /** Sequences that are lost once. */
  readonly loses?: readonly number[];
  /** Metrics that are refused. */
  readonly refuses?: string;
  readonly forgetsUnacknowledged?: boolean;
  /** It speaks as a newer version: with fields and a message that this one does not have. */
  readonly isNewer?: boolean;
}

export interface Scenario {
  readonly id: string;
  readonly title: string;
  /** The daemon or the scripted server of all such scenarios of the file, or one of its own. */
  readonly at: "daemon" | "own daemon" | "shared server" | "server";
  readonly env?: Readonly<Record<string, string>>;
  readonly script?: ServerScript;
  /** Languages that can't have it, and why. */
  readonly except?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

/** Whether each language has a scripted server, instead of one daemon for all. */
export function isAtServer(at: Scenario["at"]): boolean {
  return at === "shared server" || at === "server";
}

/** Whether one scenario after the other is played there, by the same drivers. */
export function isShared(at: Scenario["at"]): boolean {
  return at === "daemon" || at === "shared server";
}

/** A vector of the contract. */
export interface Vector {
  readonly name: string;
  readonly text?: string;
  readonly times?: number;
  readonly number?: string;
  readonly bits?: string;
  readonly utf16?: string;
  readonly utf8?: string;
  readonly code?: string;
}

/** The scenarios of a file. Throws where there is none. */
export function scenariosOf(file: string): readonly Scenario[] {
  const found = read<readonly Scenario[]>("clients/conformance/scenarios", file);
  if (found.length === 0) throw new Error(`${file} has no scenario`);
  return found;
}

const contract = read<Record<string, readonly Vector[]>>("clients/contract", "vectors.json");

/** The vectors of a kind. */
export function vectorsOf(kind: string): readonly Vector[] {
  const found = contract[kind] ?? [];
  if (found.length < 3) throw new Error(`the contract has ${found.length} ${kind}`);
  return found;
}

export function textOf({ text = "", times = 1 }: Vector): string {
  return text.repeat(times);
}

export function doubleOf({ bits = "" }: Vector): number {
  return Buffer.from(bits, "hex").readDoubleBE();
}

function read<Content>(folder: string, name: string): Content {
  return JSON.parse(readFileSync(join(ROOT, folder, name), "utf8")) as Content;
}
