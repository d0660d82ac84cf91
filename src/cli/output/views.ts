/** The daemon's messages as answers: the fields' names as in proto/, 64-bit counts as numbers. */
import {
  type EndedProducer,
  type GetInfoResponse,
  type Lane,
  LaneState,
  type Status,
} from "../../gen/stepwell/v1/daemon.js";
import type { Run } from "../../gen/stepwell/v1/runs.js";
import type { Component, Stack } from "../../gen/stepwell/v1/stacks.js";
import { RunStatus } from "../../gen/stepwell/v1/types.js";
import type { Column, Plain, PlainRecord } from "./answer.js";
import { laneStateWord } from "./lane-words.js";

export function infoView(info: GetInfoResponse): PlainRecord {
  return {
    running: true,
    pid: info.pid,
    version: info.version,
    endpoint: info.endpoint,
    gateway_url: info.gatewayUrl,
    home: info.home,
    home_id: info.homeId,
    started_ms: Number(info.startedMs),
  };
}

export function statusView(status: Status): PlainRecord {
  return {
    queued_points: Number(status.queuedPoints),
    queued_bytes: Number(status.queuedBytes),
    oldest_age_seconds: status.oldestAgeSeconds,
    delivered_points: Number(status.deliveredPoints),
    dead_letters: Number(status.deadLetters),
    journaled_points: Number(status.journaledPoints),
    duplicate_batches: Number(status.duplicateBatches),
    rejected_entries: Number(status.rejectedEntries),
    producers_connected: status.producersConnected,
    producers_ended_without_closing: Number(status.producersEndedWithoutClosing),
    journal_bytes: Number(status.journalBytes),
    replay_window_bytes: Number(status.replayWindowBytes),
    run_count: status.runCount,
    waiting_artifacts: status.waitingArtifacts,
    waiting_artifact_bytes: Number(status.waitingArtifactBytes),
    metrics_url: status.metricsUrl,
    metrics_are_pushed: status.metricsArePushed,
    journal_error: status.journalError,
    state_error: status.stateError,
    producers_with_losses: Number(status.producersWithLosses),
    lane_count: status.laneCount,
    troubled_lane_count: status.troubledLaneCount,
    lanes: status.lanes.map(laneView),
    ended_producers: status.endedProducers.map(endedProducerView),
    tracker_warnings: status.trackerWarnings.map(({ tracker, warning }) => ({ tracker, warning })),
    notices: status.notices,
  };
}

function endedProducerView(producer: EndedProducer): PlainRecord {
  return {
    producer_id: producer.producerId,
    client_name: producer.clientName,
    client_version: producer.clientVersion,
    pid: producer.pid,
    ended_ms: Number(producer.endedMs),
    run_id: producer.runId,
  };
}

function laneView(lane: Lane): PlainRecord {
  return {
    run_id: lane.runId,
    tracker: lane.tracker,
    state: laneStateWord(lane.state),
    queued_points: Number(lane.queuedPoints),
    delivered_points: Number(lane.deliveredPoints),
    oldest_age_seconds: lane.oldestAgeSeconds,
    last_error: lane.lastError,
  };
}

export function runView(run: Run) {
  return {
    run_id: run.runId,
    run_name: run.runName,
    experiment_name: run.experimentName,
    status: runStatusName(run.status),
    // Of a run whose start nobody sent nothing else is known either.
    start_time_ms: run.startTimeMs === 0n ? null : Number(run.startTimeMs),
    end_time_ms: run.endTimeMs === 0n ? null : Number(run.endTimeMs),
    journaled_points: Number(run.journaledPoints),
    // At its first tracker.
    experiment_tracker_url: run.deliveries[0]?.experimentTrackerUrl ?? "",
    state: stateOfRun(run),
    reason: run.reason,
    deliveries: run.deliveries.map((delivery) => ({
      tracker: delivery.tracker,
      mlflow_run_id: delivery.mlflowRunId,
      mlflow_experiment_id: delivery.mlflowExperimentId,
      experiment_tracker_url: delivery.experimentTrackerUrl,
      delivered_points: Number(delivery.deliveredPoints),
      queued_points: Number(delivery.queuedPoints),
    })),
  };
}

/** "delivered" where nothing waits, else the worst state of its lanes. */
function stateOfRun({ state }: Run): string {
  return state === LaneState.LANE_STATE_UNSPECIFIED ? "delivered" : laneStateWord(state);
}

export const RUN_COLUMNS: readonly Column[] = [
  { key: "run_id", title: "run" },
  { key: "run_name", title: "name" },
  { key: "experiment_name", title: "experiment", mayGo: true },
  { key: "status" },
  { key: "start_time_ms", title: "started" },
  { key: "end_time_ms", title: "ended", mayGo: true },
  { key: "journaled_points", title: "points", mayGo: true },
  { key: "state" },
  { key: "reason", mayGo: true, goesBelow: true },
];

export function componentView(component: Component): PlainRecord {
  return {
    id: component.id,
    name: component.name,
    flavor: component.flavor,
    configuration: { ...component.configuration },
    labels: { ...component.labels },
    created_ms: Number(component.createdMs),
  };
}

export const COMPONENT_COLUMNS: readonly Column[] = [
  { key: "name" },
  { key: "id", mayGo: true },
  { key: "flavor" },
  { key: "configuration" },
  { key: "labels" },
  { key: "created_ms", mayGo: true },
];

export function stackView(stack: Stack): PlainRecord {
  return {
    id: stack.id,
    name: stack.name,
    active: stack.active,
    experiment_trackers: stack.experimentTrackers.map(partView),
    artifact_store: stack.artifactStore ? partView(stack.artifactStore) : null,
    orchestrator: stack.orchestrator ? partView(stack.orchestrator) : null,
    labels: { ...stack.labels },
    created_ms: Number(stack.createdMs),
  };
}

function partView(component: Component): PlainRecord {
  return { id: component.id, name: component.name, flavor: component.flavor };
}

export const STACK_COLUMNS: readonly Column[] = [
  { key: "name" },
  { key: "id", mayGo: true },
  { key: "active" },
  { key: "experiment_trackers", value: ({ experiment_trackers }) => namesOf(experiment_trackers) },
  { key: "artifact_store", value: ({ artifact_store }) => namesOf(artifact_store) },
  { key: "orchestrator", value: ({ orchestrator }) => namesOf(orchestrator) },
  { key: "labels" },
];

/** The names of one part or several, as a table shows them. */
function namesOf(parts: Plain | undefined): string {
  const list = Array.isArray(parts) ? (parts as readonly Plain[]) : [parts ?? null];
  return list.map(nameOf).join(", ");
}

function nameOf(part: Plain): string {
  const name = typeof part === "object" && part !== null && "name" in part ? part["name"] : undefined;
  return typeof name === "string" ? name : "";
}

/** A run's status as MLflow names it. */
export function runStatusName(status: RunStatus): string {
  const name = Object.entries(RunStatus).find(([, value]) => value === status)?.[0];
  return name?.replace("RUN_STATUS_", "") ?? "UNKNOWN";
}
