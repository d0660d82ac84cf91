/** The thread of a local store: all that is read from and written to its file, one request after the other. */
import { parentPort, workerData } from "node:worker_threads";
import { RequestFault } from "../requests/request-fault.js";
import { readCurves } from "./curves.js";
import { LocalDatabase, type Place } from "./database.js";
import { searchExperiments } from "./experiment-search.js";
import { deleteExperiment, restoreExperiment } from "./experiment-stages.js";
import {
  createExperiment,
  deleteExperimentTag,
  getExperiment,
  getExperimentByName,
  setExperimentTag,
  updateExperiment,
} from "./experiments.js";
import { logInputs, logOutputs, searchDatasets } from "./inputs.js";
import { findKnown } from "./known-tables.js";
import type { Question, Reply } from "./local-messages.js";
import type { LocalRoute } from "./local-routes.js";
import { getHistory, getHistoryBulk, getHistoryInterval } from "./metric-history.js";
import { searchModels } from "./model-search.js";
import {
  createModel,
  deleteModel,
  deleteModelTag,
  finalizeModel,
  getModel,
  logModelParams,
  type ModelRequest,
  setModelTags,
} from "./models.js";
import { logModel } from "./recorded-models.js";
import { searchRuns } from "./run-search.js";
import { deleteRun, getRun, restoreRun } from "./runs.js";
import { readStoredPoints } from "./stored-points.js";

type Handler = (database: LocalDatabase, request: ModelRequest) => string;

const HANDLERS: Readonly<Record<LocalRoute, Handler>> = {
  "get-experiment": getExperiment,
  "get-experiment-by-name": getExperimentByName,
  "create-experiment": createExperiment,
  "search-experiments": searchExperiments,
  "update-experiment": updateExperiment,
  "delete-experiment": deleteExperiment,
  "restore-experiment": restoreExperiment,
  "set-experiment-tag": setExperimentTag,
  "delete-experiment-tag": deleteExperimentTag,
  "search-datasets": searchDatasets,
  "get-run": getRun,
  "search-runs": searchRuns,
  "delete-run": deleteRun,
  "restore-run": restoreRun,
  "log-inputs": logInputs,
  "log-model": logModel,
  "log-outputs": logOutputs,
  "get-history": getHistory,
  "get-history-bulk": getHistoryBulk,
  "get-history-interval": getHistoryInterval,
  "create-model": createModel,
  "search-models": searchModels,
  "get-model": getModel,
  "finalize-model": finalizeModel,
  "delete-model": deleteModel,
  "log-model-params": logModelParams,
  "set-model-tags": setModelTags,
  "delete-model-tag": deleteModelTag,
};

const database = new LocalDatabase(workerData as Place);

parentPort?.on("message", (question: Question) => {
  parentPort?.postMessage(reply(question));
  if (question.kind === "close") parentPort?.close();
});

function reply(question: Question): Reply {
  if (question.kind === "close") {
    database.close();
    return { kind: "closed" };
  }
  try {
    if (question.kind === "curves") return curvesOf(question);
    if (question.kind === "points") return pointsOf(question);
    return question.kind === "known" ? searchKnown(question) : answerTo(question);
  } catch (error) {
    const fault = error instanceof RequestFault ? error : new RequestFault("INTERNAL_ERROR", String(error));
    return { kind: "fault", code: fault.code, message: fault.message, errorClass: fault.errorClass };
  }
}

function curvesOf({ runId, keys, most }: Question & { readonly kind: "curves" }): Reply {
  // Nothing is made to look at.
  database.mayMake = false;
  return { kind: "curves", curves: readCurves(database, runId, keys, most) };
}

function pointsOf({ runId, wanted }: Question & { readonly kind: "points" }): Reply {
  database.mayMake = false;
  return { kind: "points", points: readStoredPoints(database, runId, wanted) };
}

function searchKnown({ known, method, query, body }: Question & { readonly kind: "known" }): Reply {
  const request = { method, path: "", query: new URLSearchParams(query), body };
  return { kind: "page", page: findKnown(known, request) };
}

function answerTo(question: Question & { readonly kind: "request" }): Reply {
  const { route, values, method, path, query, body, mayMake } = question;
  const request: ModelRequest = {
    method,
    path,
    query: new URLSearchParams(query),
    body,
    modelId: values["model"] ?? "",
    ...(values["key"] === undefined ? {} : { key: values["key"] }),
  };
  database.mayMake = mayMake;
  database.upgradedTo = undefined;
  const text = HANDLERS[route](database, request);
  return { kind: "answer", status: 200, body: text, upgradedTo: database.upgradedTo };
}
