/** Stacks, trackers and secrets, as StacksService and SecretsService have them. */
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { Call } from "./calls/caller.js";
import { StepwellClientError } from "./errors.js";
import type { Message } from "./message.js";

/** Texts by their names. */
export type Texts = Readonly<Record<string, string>>;

/** What an experiment tracker is registered as. */
export interface Tracker {
  /** 1 to 255 characters that can be seen; no other tracker has it. */
  readonly name: string;
  /** Default: "mlflow". */
  readonly flavor?: string | undefined;
  /**
   * Its settings, such as `tracking_uri`; without one it is a local store. A value may refer to a secret, as
   * `{{NAME.KEY}}`; a credential in plain text is moved into one.
   */
  readonly configuration?: Texts | undefined;
  readonly labels?: Texts | undefined;
}

/** What a stack is registered as. */
export interface StackOptions {
  readonly name: string;
  /** Names or ids of experiment trackers; the first is the default one. */
  readonly trackers: readonly string[];
  /** Whether runs go to it from now on, unless they name a tracker. Default: false. */
  readonly setActive?: boolean | undefined;
}

/** One part of a stack: an experiment tracker, an artifact store or an orchestrator. */
export interface Component {
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  /** For example "mlflow" or "local". */
  readonly flavor: string;
  /** The flavor's own settings. No value is ever a credential. */
  readonly configuration: Texts;
  readonly labels: Texts;
  /** Milliseconds since 1970. */
  readonly createdMs: number;
}

/** A named set of components. */
export interface Stack {
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  /** Experiment trackers; the first is the default one. */
  readonly trackers: readonly Component[];
  readonly artifactStore: Component;
  readonly orchestrator: Component;
  readonly isActive: boolean;
  readonly labels: Texts;
  /** Milliseconds since 1970. */
  readonly createdMs: number;
}

/** Everything about a secret but its values. */
export interface Secret {
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  /** In alphabetical order. */
  readonly keys: readonly string[];
  /** Where its values are; "unknown" is for what a newer daemon may say. */
  readonly backend: "keychain" | "vault" | "unknown";
}

const STACKS = "/stepwell.v1.StacksService";
const SECRETS = "/stepwell.v1.SecretsService";
/** ComponentType's number in stacks.proto. */
const EXPERIMENT_TRACKER = 1;
const NOTHING = new Uint8Array();

/** ListStacks. */
export const LIST_STACKS: Call = { path: `${STACKS}/ListStacks`, request: NOTHING };
/** GetStack of the active one. */
export const GET_ACTIVE_STACK: Call = { path: `${STACKS}/GetStack`, request: NOTHING };
/** ListComponents of experiment trackers. */
export const LIST_TRACKERS: Call = {
  path: `${STACKS}/ListComponents`,
  request: new BinaryWriter().tag(1, WireType.Varint).int32(EXPERIMENT_TRACKER).finish(),
};
/** ListSecrets. */
export const LIST_SECRETS: Call = { path: `${SECRETS}/ListSecrets`, request: NOTHING };

/** RegisterComponent. Throws STEPWELL_SETTING_INVALID and STEPWELL_TEXT_MALFORMED. */
export function registerTracker({ name, flavor = "mlflow", configuration = {}, labels = {} }: Tracker): Call {
  const writer = new BinaryWriter().tag(1, WireType.Varint).int32(EXPERIMENT_TRACKER);
  writeText(writer, 2, "The tracker's name", name);
  writeText(writer, 3, "The tracker's flavor", flavor);
  writeTexts(writer, 4, "The setting", configuration);
  writeTexts(writer, 5, "The label", labels);
  return { path: `${STACKS}/RegisterComponent`, request: writer.finish() };
}

/** RegisterStack. Throws STEPWELL_SETTING_INVALID and STEPWELL_TEXT_MALFORMED. */
export function registerStack({ name, trackers, setActive = false }: StackOptions): Call {
  const writer = new BinaryWriter();
  writeText(writer, 1, "The stack's name", name);
  for (const tracker of trackers) writeText(writer, 2, "A tracker's name", tracker);
  writer.tag(5, WireType.Varint).bool(setActive);
  return { path: `${STACKS}/RegisterStack`, request: writer.finish() };
}

/** CreateSecret. Throws STEPWELL_SETTING_INVALID and STEPWELL_TEXT_MALFORMED, without any value in them. */
export function createSecret(name: string, values: Texts): Call {
  const writer = new BinaryWriter();
  writeText(writer, 1, "The secret's name", name);
  writeTexts(writer, 2, "The value of the secret's key", values);
  return { path: `${SECRETS}/CreateSecret`, request: writer.finish() };
}

/** Reads GetStackResponse and RegisterStackResponse. */
export function answeredStack(answer: Message): Stack {
  return stackOf(answer.message(1));
}

/** Reads the pieces of ListStacks. */
export function listedStacks(pieces: readonly Message[]): Stack[] {
  return pieces.flatMap((piece) => piece.messages(1).map(stackOf));
}

/** Reads RegisterComponentResponse. */
export function answeredComponent(answer: Message): Component {
  return componentOf(answer.message(1));
}

/** Reads the pieces of ListComponents. */
export function listedComponents(pieces: readonly Message[]): Component[] {
  return pieces.flatMap((piece) => piece.messages(1).map(componentOf));
}

/** Reads CreateSecretResponse. */
export function answeredSecret(answer: Message): Secret {
  return secretOf(answer.message(1));
}

/** Reads ListSecretsResponse. */
export function listedSecrets(answer: Message): Secret[] {
  return answer.messages(1).map(secretOf);
}

function stackOf(stack: Message): Stack {
  return {
    id: stack.text(1),
    name: stack.text(2),
    trackers: stack.messages(3).map(componentOf),
    artifactStore: componentOf(stack.message(4)),
    orchestrator: componentOf(stack.message(5)),
    isActive: stack.flag(6),
    createdMs: stack.number(7),
    labels: stack.entries(8),
  };
}

function componentOf(component: Message): Component {
  return {
    id: component.text(1),
    name: component.text(3),
    flavor: component.text(4),
    configuration: component.entries(5),
    createdMs: component.number(6),
    labels: component.entries(7),
  };
}

/** By their numbers in secrets.proto. */
const SECRET_BACKENDS = ["unknown", "keychain", "vault"] as const;

function secretOf(secret: Message): Secret {
  return {
    id: secret.text(1),
    name: secret.text(2),
    keys: secret.texts(3),
    backend: SECRET_BACKENDS[secret.number(8)] ?? "unknown",
  };
}

function writeTexts(writer: BinaryWriter, field: number, what: string, texts: Texts): void {
  for (const [name, text] of Object.entries(texts)) {
    writer.tag(field, WireType.LengthDelimited).fork();
    writeText(writer, 1, "A name", name);
    writeText(writer, 2, `${what} ${JSON.stringify(name)}`, text);
    writer.join();
  }
}

/** Throws where it is no text: the message has what it is, and never the text, which may be a credential. */
function writeText(writer: BinaryWriter, field: number, what: string, text: string): void {
  if (typeof text !== "string")
    throw new StepwellClientError("STEPWELL_SETTING_INVALID", `${what} is no text.`);
  if (!text.isWellFormed())
    throw new StepwellClientError("STEPWELL_TEXT_MALFORMED", `${what} holds a lone surrogate.`);
  writer.tag(field, WireType.LengthDelimited).string(text);
}
