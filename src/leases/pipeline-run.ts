/**
 * A pipeline run and its step runs, and what they make of the MLflow runs that they share.
 * Pure; each change answers a new value.
 *
 * A step run is `running` until it says how it ended (`ended`) or its process is gone
 * (`lost`); a lost one that comes back is running again, or ended by its own word.
 */

import { createHash } from "node:crypto";
import type { EndStatus } from "../model/end-status.js";
import type { ProcessId } from "../model/process.js";

export type StepState =
  | { readonly kind: "running" }
  | { readonly kind: "ended"; readonly status: EndStatus; readonly endMs: number }
  | { readonly kind: "lost"; readonly reason: string; readonly endMs: number };

/** Where a step logs to at one tracker. */
export interface StepTracking {
  readonly trackerId: string;
  /** The tracker's name when the step began. */
  readonly tracker: string;
  readonly experimentName: string;
  readonly tags: Readonly<Record<string, string>>;
  /** The run that the step logs to. */
  readonly runId: string;
  /** The pipeline run's own run where the step has a child run; else empty. */
  readonly parentRunId: string;
  /** Whether the program may still name its run's experiment. */
  readonly isOpen?: true;
}

/** One attempt of a step. */
export interface StepRun {
  readonly stepRunId: string;
  readonly stepName: string;
  /** Names the step within its pipeline run; the attempts of a step share it. */
  readonly invocationId: string;
  /** Milliseconds since 1970. */
  readonly startMs: number;
  /** Who runs it; undefined for a client that did not say. */
  readonly process: ProcessId | undefined;
  readonly user: string;
  readonly sourceName: string;
  readonly trackings: readonly StepTracking[];
  readonly state: StepState;
}

/** What the journal does not know of a step yet: that it began, or how things stand since it changed. */
export interface Pending {
  readonly kind: "start" | "status";
  readonly stepRunId: string;
}

export interface PipelineRun {
  readonly pipelineRunId: string;
  /** Empty: what runs belongs to no pipeline. */
  readonly pipelineName: string;
  readonly runName: string;
  /** Milliseconds since 1970. */
  readonly startMs: number;
  /** In the order in which they began. */
  readonly steps: readonly StepRun[];
  /** What the journal does not know yet, at most once for each step. */
  readonly pending: readonly Pending[];
  /** MLflow runs that may carry the tag with the reason why the daemon ended them. */
  readonly reasons: readonly string[];
}

/** How one MLflow run stands. */
export interface SharedStatus {
  readonly status: "RUNNING" | EndStatus;
  /** Milliseconds since 1970; 0 while it runs. */
  readonly endMs: number;
  /** Why the daemon ended it; empty where a step did. */
  readonly reason: string;
}

const BADNESS: Readonly<Record<EndStatus, number>> = { FINISHED: 0, KILLED: 1, FAILED: 2 };

/** The run of one pipeline run at one tracker and experiment: the same for whoever asks, in any order. */
export function sharedRunId(pipelineRunId: string, trackerId: string, experimentName: string): string {
  return idOf("pipeline", pipelineRunId, trackerId, experimentName);
}

/** The child run of one step; its next attempt gets the same. */
export function childRunId(parentRunId: string, invocationId: string): string {
  return idOf("step", parentRunId, invocationId);
}

/** With one step more. */
export function withStep(run: PipelineRun, step: StepRun): PipelineRun {
  const { stepRunId } = step;
  return { ...run, steps: [...run.steps, step], pending: [...run.pending, { kind: "start", stepRunId }] };
}

/** With another state of one step. */
export function withState(run: PipelineRun, stepRunId: string, state: StepState): PipelineRun {
  const steps = run.steps.map((step) => (step.stepRunId === stepRunId ? { ...step, state } : step));
  const isPending = run.pending.some((each) => each.stepRunId === stepRunId);
  const pending: readonly Pending[] = isPending
    ? run.pending
    : [...run.pending, { kind: "status", stepRunId }];
  const changed = { ...run, steps, pending };
  const touched = steps.filter((step) => step.stepRunId === stepRunId).flatMap(({ trackings }) => trackings);
  const ended = touched.flatMap(touchedBy).filter((runId) => statusOfRun(changed, runId).reason !== "");
  return { ...changed, reasons: [...new Set([...run.reasons, ...ended])] };
}

/** With all of it journaled. */
export function withoutPending(run: PipelineRun): PipelineRun {
  return {
    ...run,
    pending: [],
    reasons: run.reasons.filter((runId) => statusOfRun(run, runId).reason !== ""),
  };
}

/** The MLflow runs that a step changes at one tracker. */
export function touchedBy({ runId, parentRunId }: StepTracking): string[] {
  return parentRunId === "" ? [runId] : [parentRunId, runId];
}

/** How the whole pipeline run stands. */
export function statusOf(run: PipelineRun): SharedStatus {
  return worstOf(run.steps);
}

/** How an MLflow run stands that steps of the pipeline run share. */
export function statusOfRun(run: PipelineRun, runId: string): SharedStatus {
  return worstOf(usesOf(run, runId));
}

/** The step runs that use an MLflow run, their own or as a parent. */
export function usesOf(run: PipelineRun, runId: string): StepRun[] {
  return run.steps.filter(({ trackings }) =>
    trackings.some((each) => each.runId === runId || each.parentRunId === runId),
  );
}

/** RUNNING while a step runs; else the worst of the steps' last attempts. */
function worstOf(steps: readonly StepRun[]): SharedStatus {
  const last = [...new Map(steps.map((step) => [step.invocationId, step])).values()];
  if (last.some(({ state }) => state.kind === "running")) return { status: "RUNNING", endMs: 0, reason: "" };
  const ends = last.map(({ state }) => endOf(state));
  const worst = ends.reduce(
    (one, other) => (BADNESS[other.status] > BADNESS[one.status] ? other : one),
    FINE,
  );
  return { ...worst, endMs: Math.max(0, ...ends.map(({ endMs }) => endMs)) };
}

const FINE = { status: "FINISHED" as EndStatus, endMs: 0, reason: "" };

function endOf(state: StepState): typeof FINE {
  if (state.kind === "lost") return { status: "KILLED", endMs: state.endMs, reason: state.reason };
  if (state.kind === "ended") return { status: state.status, endMs: state.endMs, reason: "" };
  return FINE;
}

function idOf(...parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
}
