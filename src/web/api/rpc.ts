/**
 * Asks the daemon: the messages of its gRPC API, over HTTP below the page's own address. A stream comes as server-sent
 * events and begins anew by itself, so that a page lives through a restart of the daemon.
 */
import type { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import { unseenSignal, untilSeen } from "./seen.js";

/** A message's generated code. */
interface Codec<Message> {
  readonly encode: (message: Message) => BinaryWriter;
  readonly decode: (bytes: Uint8Array | BinaryReader) => Message;
}

/** A method of the API with its messages. */
export interface Method<Request, Response> {
  /** Such as stepwell.v1.RunsService/ListRuns. */
  readonly name: string;
  readonly request: Codec<Request>;
  readonly response: Codec<Response>;
}

/** What the daemon refused, or that it can't be reached. */
export class CallFault extends Error {
  readonly code: string;
  readonly remedy: string;

  constructor(code: string, message: string, remedy: string) {
    super(message);
    this.code = code;
    this.remedy = remedy;
  }
}

/** Whatever was thrown, as what a view shows. */
export function asFault(error: unknown): CallFault {
  return error instanceof CallFault ? error : new CallFault("", String(error), "");
}

const CALL_MS_MAX = 30_000;
/** The daemon says something every 15 s. One that says nothing is stopped, or what is between is cut and nobody told. */
const SILENCE_MS_MAX = 40_000;
const AGAIN_MS = 1_000;
const AGAIN_MS_MAX = 8_000;

/** Asks once. Rejects with a CallFault. */
export async function call<Request, Response>(
  { name, request, response }: Method<Request, Response>,
  message: Request,
  signal?: AbortSignal,
): Promise<Response> {
  const deadline = AbortSignal.timeout(CALL_MS_MAX);
  const body = request.encode(message).finish() as Uint8Array<ArrayBuffer>;
  const answer = await fetch(`rpc/${name}`, {
    method: "POST",
    body,
    signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
  }).catch(unreachable);
  if (!answer.ok) throw await faultOf(answer);
  return response.decode(new Uint8Array(await answer.arrayBuffer()));
}

/** One line of the doctor. */
export interface DoctorCheck {
  readonly check: string;
  readonly result: string;
  readonly finding: string;
  readonly remedy: string;
}

/** Lets the doctor look at every file of the home. Rejects with a CallFault. */
export async function askDoctor(): Promise<DoctorCheck[]> {
  const answer = await fetch("doctor", { method: "POST" }).catch(unreachable);
  if (!answer.ok) throw await faultOf(answer);
  return (await answer.json()) as DoctorCheck[];
}

/** How a stream stands. */
export type Connection = "open" | "lost";

/** Listens until the signal, while somebody sees the page; what breaks off begins anew. */
export async function listen<Request, Response>(
  method: Method<Request, Response>,
  message: () => Request,
  take: (response: Response) => void,
  stands: (connection: Connection) => void,
  signal: AbortSignal,
): Promise<void> {
  let waitMs = AGAIN_MS;
  while (!signal.aborted) {
    await untilSeen(signal);
    if (signal.aborted) return;
    const unseen = unseenSignal();
    const isOver = () => signal.aborted || unseen.signal.aborted;
    try {
      await readAll(
        method,
        message(),
        (response) => {
          waitMs = AGAIN_MS;
          stands("open");
          take(response);
        },
        AbortSignal.any([signal, unseen.signal]),
      );
      if (!isOver()) stands("lost");
    } catch (error) {
      // A daemon that refuses is there; what it refuses is told by the calls that ask for the same.
      if (!isOver()) stands(error instanceof CallFault && error.code !== "" ? "open" : "lost");
    } finally {
      unseen.stop();
    }
    if (signal.aborted) return;
    if (unseen.signal.aborted) continue;
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    waitMs = Math.min(AGAIN_MS_MAX, waitMs * 2);
  }
}

/** Reads a stream to its end. Rejects with a CallFault. */
export async function readAll<Request, Response>(
  { name, request, response }: Method<Request, Response>,
  message: Request,
  take: (response: Response) => void,
  signal: AbortSignal,
): Promise<void> {
  const silence = new AbortController();
  const cut = () => silence.abort(new DOMException("The daemon says nothing.", "TimeoutError"));
  let timer = setTimeout(cut, SILENCE_MS_MAX);
  try {
    const asked = base64url(request.encode(message).finish());
    const ending = AbortSignal.any([signal, silence.signal]);
    const answer = await fetch(`watch/${name}?m=${asked}`, { signal: ending }).catch(unreachable);
    if (!answer.ok || !answer.body) throw await faultOf(answer);
    const events = new EventReader();
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      clearTimeout(timer);
      timer = setTimeout(cut, SILENCE_MS_MAX);
      for (const { isFault, data } of events.take(value)) {
        if (isFault) throw faultIn(data);
        take(response.decode(bytesOf(data)));
      }
    }
  } finally {
    clearTimeout(timer);
  }
}

/** Cuts what arrives into server-sent events. What is no end yet waits, and is looked through once. */
class EventReader {
  #waiting: string[] = [];

  take(text: string): { readonly isFault: boolean; readonly data: string }[] {
    // A blank line may come in two parts.
    const before = this.#waiting.at(-1)?.endsWith("\n") === true && text.startsWith("\n");
    if (!before && !text.includes("\n\n")) {
      if (text !== "") this.#waiting.push(text);
      return [];
    }
    const events = (this.#waiting.join("") + text).split("\n\n");
    const rest = events.pop() ?? "";
    this.#waiting = rest === "" ? [] : [rest];
    return events.flatMap((event) => {
      const data = /^data: (.*)$/m.exec(event)?.[1];
      return data === undefined ? [] : [{ isFault: event.startsWith("event: fault"), data }];
    });
  }
}

function unreachable(error: unknown): never {
  if (error instanceof DOMException && error.name === "AbortError") throw error;
  throw new CallFault("", "The daemon can't be reached.", "Start it: stepwell daemon start");
}

async function faultOf(answer: Response): Promise<CallFault> {
  return faultIn(await answer.text());
}

function faultIn(text: string): CallFault {
  try {
    const { code, message, remedy } = JSON.parse(text) as Record<string, string>;
    return new CallFault(code ?? "", message ?? text, remedy ?? "");
  } catch {
    return new CallFault("", text, "");
  }
}

function base64url(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}
