/**
 * A stack as a file: what `stack export` writes and `stack import` reads, in YAML or JSON.
 *
 * The format has a number of its own, so that files outlive versions of Stepwell. It holds
 * references to secrets and never a value.
 */
import { parse } from "yaml";
import { StepwellError } from "../../errors/stepwell-error.js";
import { type Component, ComponentType, type Stack } from "../../gen/stepwell/v1/stacks.js";
import type { Plain, PlainRecord } from "../output/answer.js";

const FORMAT = "stepwell-stack";
const FORMAT_VERSION = 1;

const TYPE_NAMES = {
  [ComponentType.COMPONENT_TYPE_EXPERIMENT_TRACKER]: "experiment_tracker",
  [ComponentType.COMPONENT_TYPE_ARTIFACT_STORE]: "artifact_store",
  [ComponentType.COMPONENT_TYPE_ORCHESTRATOR]: "orchestrator",
} as const;

/** What a file describes. */
export interface StackFile {
  readonly name: string;
  readonly labels: Record<string, string>;
  /** Their ids are empty. */
  readonly components: readonly Component[];
}

/** The stack as the file has it. */
export function stackFileOf(stack: Stack): PlainRecord {
  const parts = [...stack.experimentTrackers, stack.artifactStore, stack.orchestrator];
  const components = parts.filter((part) => part !== undefined);
  return {
    format: FORMAT,
    version: FORMAT_VERSION,
    name: stack.name,
    labels: { ...stack.labels },
    components: components.map((component) => ({
      type: typeName(component.type),
      name: component.name,
      flavor: component.flavor,
      configuration: { ...component.configuration },
      labels: { ...component.labels },
    })),
  };
}

/** Reads a file's text. Throws STEPWELL_STACK_FILE_INVALID, with what is wrong and where. */
export function readStackFile(text: string, ignoreVersion: boolean): StackFile {
  const file = recordOf(parsed(text), "the file");
  if (file["format"] !== FORMAT) throw invalid(`It has no line "format: ${FORMAT}".`);
  if (file["version"] !== FORMAT_VERSION && !ignoreVersion)
    throw invalid(
      `It has version ${JSON.stringify(file["version"] ?? null)} of the format, and this command reads version ${FORMAT_VERSION}; --ignore-version-mismatch tries it.`,
    );
  const components = file["components"];
  if (!Array.isArray(components)) throw invalid('"components" is no list.');
  return {
    name: textOf(file["name"], '"name"'),
    labels: textsOf(file["labels"], '"labels"'),
    components: components.map((each: Plain, index) => componentOf(each, `component ${index + 1}`)),
  };
}

function parsed(text: string): unknown {
  try {
    return parse(text, { logLevel: "error", maxAliasCount: 0 });
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : "";
    throw new StepwellError("STEPWELL_STACK_FILE_INVALID", `The file is no YAML: ${reason}`, { cause });
  }
}

function componentOf(value: unknown, what: string): Component {
  const record = recordOf(value, what);
  const type = Object.entries(TYPE_NAMES).find(([, name]) => name === record["type"])?.[0];
  if (type === undefined)
    throw invalid(`The type of ${what} is none of: ${Object.values(TYPE_NAMES).join(", ")}.`);
  return {
    id: "",
    type: Number(type) as ComponentType,
    name: textOf(record["name"], `the name of ${what}`),
    flavor: textOf(record["flavor"], `the flavor of ${what}`),
    configuration: textsOf(record["configuration"], `the configuration of ${what}`),
    labels: textsOf(record["labels"], `the labels of ${what}`),
    createdMs: 0n,
  };
}

function typeName(type: ComponentType): string {
  return Object.hasOwn(TYPE_NAMES, type) ? TYPE_NAMES[type as keyof typeof TYPE_NAMES] : "";
}

function recordOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw invalid(`${capitalized(what)} is no mapping.`);
}

function textOf(value: unknown, what: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw invalid(`${capitalized(what)} is missing, or no text.`);
}

/** Nothing is an empty mapping. People write numbers and yes or no without quotes. */
function textsOf(value: unknown, what: string): Record<string, string> {
  if (value === undefined || value === null) return {};
  const entries = Object.entries(recordOf(value, what)).map(([key, each]) => {
    if (typeof each === "string" || typeof each === "number" || typeof each === "boolean")
      return [key, String(each)];
    throw invalid(`${JSON.stringify(key)} in ${what} is no text.`);
  });
  return Object.fromEntries(entries) as Record<string, string>;
}

function capitalized(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function invalid(sentence: string): StepwellError {
  return new StepwellError("STEPWELL_STACK_FILE_INVALID", sentence);
}
