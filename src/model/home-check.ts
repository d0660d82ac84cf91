/** What `stepwell doctor` finds, in the words that the command and its program on the daemon's side share. */
import { toStepwellError } from "../errors/stepwell-error.js";

/** One thing that was looked at. */
export interface HomeCheck {
  /** What was looked at, for example "journal". */
  readonly check: string;
  readonly result: "ok" | "warn" | "failed";
  /** One sentence. */
  readonly finding: string;
  /** What to do or to type; empty when all is well. */
  readonly remedy: string;
}

/** All is well. */
export function okCheck(check: string, finding: string): HomeCheck {
  return { check, result: "ok", finding, remedy: "" };
}

/** Something that nobody has to do something about at once. */
export function warnCheck(check: string, finding: string, remedy: string): HomeCheck {
  return { check, result: "warn", finding, remedy };
}

/** Something that keeps entries from being journaled or delivered. */
export function failedCheck(check: string, finding: string, remedy: string): HomeCheck {
  return { check, result: "failed", finding, remedy };
}

/** What was thrown, with its code and what the table of errors says to do. */
export function faultCheck(check: string, result: "warn" | "failed", thrown: unknown): HomeCheck {
  const { code, message, remedy } = toStepwellError(thrown);
  return { check, result, finding: `${code}: ${message}`, remedy };
}

/** What only the owner of the state store knows: the daemon where one runs, else the store itself. */
export interface HomeFacts {
  readonly trackers: readonly { readonly name: string; readonly configuration: Configuration }[];
  /** The configuration of the active stack's artifact store. */
  readonly artifactStore: Configuration;
  /** Entries in dead letters. */
  readonly deadLetters: number;
  readonly endedWithoutClosing: number;
  /** Those that ended last, the newest first. */
  readonly lastEnded: readonly EndedFact[];
  /** Producers that were acknowledged more than the home has. */
  readonly producersWithLosses: number;
  /** What was noticed of the home and of trackers' stores, a sentence each. */
  readonly notices: readonly string[];
  /** Lanes that hold entries; undefined while no daemon runs that could tell. */
  readonly lanes: LanesFact | undefined;
  readonly secrets: SecretsFact;
}

type Configuration = Readonly<Record<string, string>>;

/** A producer that ended without closing. */
export interface EndedFact {
  readonly clientName: string;
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly endedMs: number;
  /** Empty where it is not known. */
  readonly runId: string;
}

/** Where secrets are kept. */
export interface SecretsFact {
  /** "keychain", "vault" or, while no secret was ever made, "". */
  readonly backend: string;
  /** As the backend gives it, or "unsaid" when the daemon was asked and did not say. */
  readonly state: string;
  /** One sentence about the state. */
  readonly finding: string;
}

/** The lanes that hold entries. */
export interface LanesFact {
  readonly count: number;
  /** How many of them are held or retry. */
  readonly troubled: number;
  readonly queuedPoints: number;
  /** Those that tell most: one of each kind of trouble at least. */
  readonly told: readonly LaneFact[];
}

export interface LaneFact {
  readonly tracker: string;
  readonly state: string;
  readonly lastError: string;
}

/** What became of one damaged segment of the journal. Each record is counted once. */
export interface SegmentSalvage {
  /** Its folder's name in the journal. */
  readonly segment: string;
  /** Records that are back in the journal and will be delivered by themselves. */
  readonly restored: RecordCount;
  /** Records whose place was passed already: they are dead letters now, to be sent again. */
  readonly parked: RecordCount;
  /** Records that every tracker of their run has. */
  readonly delivered: RecordCount;
  /** Records of runs that the state store does not know. */
  readonly unknownRun: RecordCount;
  /** Records that are there and whose checksum is wrong. */
  readonly unreadableRecords: number;
  /** Why nothing could be done with it; it stays as it was. */
  readonly fault: string;
}

export interface RecordCount {
  readonly records: number;
  readonly points: number;
}
