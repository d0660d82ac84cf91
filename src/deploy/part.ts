/** One server of a deployment, as its supervisor runs it. */

/** A program to start. */
export interface PartCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Goes to its standard input, which then stays open while the supervisor lives: secrets never stand in arguments or the environment. */
  readonly input: string;
}

export interface Part {
  readonly name: string;
  /** Makes what has to be there before its first start; each time the deployment begins. */
  readonly prepare?: () => Promise<void>;
  readonly command: () => PartCommand;
  /** Whether another program has its port: an answer would be that one's. Absent: it has none. Never rejects. */
  readonly isPortTaken?: () => Promise<boolean>;
  /** Whether it answers now. Never rejects, and ends by itself. */
  readonly answers: () => Promise<boolean>;
  /** What asks it to end in order. */
  readonly endSignal: NodeJS.Signals;
  /** How long that may take, until it is killed. */
  readonly endMsMax: number;
}
