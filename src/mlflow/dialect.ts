/** What sets the servers apart that speak MLflow's REST API: a row for each kind. */
import type { ServerBackend } from "../model/target.js";
import type { Greeting } from "./greeting.js";

export interface Dialect {
  /** What all of them are; undefined where each is asked. */
  readonly greeting: Greeting | undefined;
  /** Whether a workspace counts the requests of all trackers that are on it. */
  readonly countsRequests: boolean;
  /** Whether one may serve artifacts itself. */
  readonly servesArtifacts: boolean;
  /** The name that an experiment has there. */
  readonly experimentName: (name: string) => string;
  /** The page that shows a run, below the server's address. */
  readonly runPage: (experimentId: string, runId: string, workspaceId: string) => string;
}

export const DIALECTS: Readonly<Record<ServerBackend["kind"], Dialect>> = {
  rest: {
    greeting: undefined,
    countsRequests: false,
    servesArtifacts: true,
    experimentName: (name) => name,
    runPage: (experimentId, runId) => `#/experiments/${experimentId}/runs/${runId}`,
  },
  databricks: {
    // It tells no version.
    greeting: { version: "", appends: true, knowsModels: true },
    countsRequests: true,
    servesArtifacts: false,
    // A path in the workspace.
    experimentName: (name) => (name.startsWith("/") ? name : `/${name}`),
    runPage: (experimentId, runId, workspaceId) => {
      // An address that serves several workspaces opens the page of the one that is named; 0 names none.
      const query = Number(workspaceId) > 0 ? `?o=${workspaceId}` : "";
      return `ml/experiments/${experimentId}/runs/${runId}${query}`;
    },
  },
};
