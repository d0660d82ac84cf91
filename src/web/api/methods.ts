/** The methods of the daemon's API that the page asks; src/page/page-methods.ts allows no others. */
import {
  ListKeysRequest,
  ListKeysResponse,
  ReadCurvesRequest,
  ReadCurvesResponse,
  ReadPointsRequest,
  ReadPointsResponse,
  WatchCurvesRequest,
  WatchCurvesResponse,
} from "../../gen/stepwell/v1/curves.js";
import {
  GetInfoRequest,
  GetInfoResponse,
  ListLanesRequest,
  ListLanesResponse,
  WatchStatusRequest,
  WatchStatusResponse,
} from "../../gen/stepwell/v1/daemon.js";
import {
  DropDeadLettersRequest,
  DropDeadLettersResponse,
  ListDeadLettersRequest,
  ListDeadLettersResponse,
  RetryDeadLettersRequest,
  RetryDeadLettersResponse,
} from "../../gen/stepwell/v1/dead_letters.js";
import {
  GetRunDataRequest,
  GetRunDataResponse,
  GetRunRequest,
  GetRunResponse,
  ListRunsRequest,
  ListRunsResponse,
} from "../../gen/stepwell/v1/runs.js";
import type { Method } from "./rpc.js";

export const listRuns = method("RunsService/ListRuns", ListRunsRequest, ListRunsResponse);
export const getRun = method("RunsService/GetRun", GetRunRequest, GetRunResponse);
export const getRunData = method("RunsService/GetRunData", GetRunDataRequest, GetRunDataResponse);
export const listKeys = method("CurvesService/ListKeys", ListKeysRequest, ListKeysResponse);
export const readCurves = method("CurvesService/ReadCurves", ReadCurvesRequest, ReadCurvesResponse);
export const readPoints = method("CurvesService/ReadPoints", ReadPointsRequest, ReadPointsResponse);
export const watchCurves = method("CurvesService/WatchCurves", WatchCurvesRequest, WatchCurvesResponse);
export const getInfo = method("DaemonService/GetInfo", GetInfoRequest, GetInfoResponse);
export const listLanes = method("DaemonService/ListLanes", ListLanesRequest, ListLanesResponse);
export const watchStatus = method("DaemonService/WatchStatus", WatchStatusRequest, WatchStatusResponse);
export const listDeadLetters = method(
  "DeadLettersService/ListDeadLetters",
  ListDeadLettersRequest,
  ListDeadLettersResponse,
);
export const retryDeadLetters = method(
  "DeadLettersService/RetryDeadLetters",
  RetryDeadLettersRequest,
  RetryDeadLettersResponse,
);
export const dropDeadLetters = method(
  "DeadLettersService/DropDeadLetters",
  DropDeadLettersRequest,
  DropDeadLettersResponse,
);

function method<Request, Response>(
  name: string,
  request: Method<Request, Response>["request"],
  response: Method<Request, Response>["response"],
): Method<Request, Response> {
  return { name: `stepwell.v1.${name}`, request, response };
}
