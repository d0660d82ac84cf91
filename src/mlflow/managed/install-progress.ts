/**
 * What an installation of packages is doing, in a line, of what uv or pip say about it. On a terminal the line is
 * written anew; elsewhere each stage has one. What they said last is kept, for when it was in vain.
 */

/** Where the line goes. */
export interface ProgressOutput {
  readonly tell: (text: string) => void;
  /** Whether a line can be written over. */
  readonly isTerminal: boolean;
  /** Monotonic. */
  readonly nowMs: () => number;
}

const STAGES = ["Looking for the packages", "Fetching packages", "Installing packages"] as const;
type Stage = (typeof STAGES)[number];

/** What a line of uv or pip says: a new stage, a package that came, how many there are. */
const RESOLVED = /^Resolved (\d+) packages? /;
const ARRIVING = /^\s*(?:Downloading \S+ \([\d.]+ ?\w+\)|Downloading \S+|Using cached \S+)/;
const ARRIVED = /^\s*(?:Downloaded \S+|Prepared \d+ packages?|Collecting \S+)/;
const INSTALLING = /^(?:Installing collected packages|Prepared (\d+) packages?)/;
const INSTALLED = /^(?:Installed (\d+) packages?|Successfully installed )/;

const LINES_KEPT = 15;
/** On a terminal the seconds go on; a line that stands still looks like one that hangs. */
const REDRAW_MS = 500;

export class InstallProgress {
  readonly #output: ProgressOutput;
  readonly #beginMs: number;
  readonly #last: string[] = [];
  readonly #timer: NodeJS.Timeout | undefined;
  #stage: Stage | undefined;
  #count = 0;
  #total: number | undefined;
  #rest = "";

  constructor(output: ProgressOutput) {
    this.#output = output;
    this.#beginMs = output.nowMs();
    if (output.isTerminal) this.#timer = setInterval(() => this.#draw(), REDRAW_MS).unref();
  }

  /** Takes what a program says, in pieces as they come. */
  take(text: string): void {
    if (this.#stage === undefined) this.#enter("Looking for the packages");
    const lines = (this.#rest + text).split(/[\r\n]+/);
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#read(line);
  }

  /** What was said last, for a reader who has to find out why. */
  get lastLines(): string {
    return [...this.#last, this.#rest].filter((line) => line.trim() !== "").join("\n");
  }

  /** Ends the line. */
  end(): void {
    clearInterval(this.#timer);
    if (this.#output.isTerminal) this.#output.tell("\r\u001b[K");
  }

  #read(line: string): void {
    this.#last.push(line.trimEnd());
    if (this.#last.length > LINES_KEPT) this.#last.shift();
    const [, resolved] = RESOLVED.exec(line) ?? [];
    if (resolved !== undefined) this.#total = Number(resolved);
    if (ARRIVED.test(line) && !INSTALLING.test(line)) this.#count++;
    if (INSTALLING.test(line)) this.#enter("Installing packages");
    else if (this.#stage !== "Installing packages" && (resolved || ARRIVING.test(line) || ARRIVED.test(line)))
      this.#enter("Fetching packages");
    if (INSTALLED.test(line)) this.#count = this.#total ?? this.#count;
    if (this.#output.isTerminal) this.#draw();
  }

  #enter(stage: Stage): void {
    if (this.#stage === stage) return;
    this.#stage = stage;
    if (this.#output.isTerminal) this.#draw();
    else this.#output.tell(`${stage} ...\n`);
  }

  #draw(): void {
    if (this.#stage === undefined) return;
    const of = this.#total === undefined ? "" : ` of ${this.#total}`;
    const count = this.#stage === "Fetching packages" && this.#count > 0 ? `: ${this.#count}` : "";
    const seconds = Math.round((this.#output.nowMs() - this.#beginMs) / 1000);
    this.#output.tell(`\r\u001b[K${this.#stage}${count}${of} (${seconds} s)`);
  }
}
