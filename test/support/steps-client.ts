/** The steps service as a foreign client calls it, and processes whose identity it may claim. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { credentials, type ServiceError } from "@grpc/grpc-js";
import type { ExecutionContext } from "ava";
import {
  type FinishStepResponse,
  type GetPipelineResponse,
  type StartStepRequest,
  type StartStepResponse,
  StepsServiceClient,
} from "../../src/gen/stepwell/v1/steps.js";
import { type ProcessIdentity, RunStatus } from "../../src/gen/stepwell/v1/types.js";

type Callback<Response> = (error: ServiceError | null, response: Response) => void;

/** How a step ends. */
export type EndStatus = "FINISHED" | "FAILED" | "KILLED";

export class StepsClient {
  readonly #client: StepsServiceClient;

  constructor(t: ExecutionContext, endpoint: string) {
    const options = { "grpc.default_authority": "localhost" };
    this.#client = new StepsServiceClient(endpoint, credentials.createInsecure(), options);
    t.teardown(() => this.#client.close());
  }

  async start(request: StartStepRequest): Promise<StartStepResponse> {
    return await answered((done) => this.#client.startStep(request, done));
  }

  async finish(
    { stepRunId, pipelineRunId }: StartStepRequest,
    status: EndStatus,
    endTimeMs = 9n,
  ): Promise<FinishStepResponse> {
    const request = { stepRunId, pipelineRunId, status: RunStatus[`RUN_STATUS_${status}`], endTimeMs };
    return await answered((done) => this.#client.finishStep(request, done));
  }

  async pipeline(name: string): Promise<GetPipelineResponse> {
    return await answered((done) => this.#client.getPipeline({ name }, done));
  }
}

/** 32 hexadecimal digits. */
export const newId = () => randomBytes(16).toString("hex");

/** A step on the tracker "tracker"; what is given replaces the rest. */
export function stepOf(more: Partial<StartStepRequest> = {}): StartStepRequest {
  const stepName = more.stepName ?? "train";
  return {
    stepRunId: newId(),
    pipelineRunId: newId(),
    pipelineName: "digits",
    pipelineRunName: "digits-run",
    stepName,
    invocationId: stepName,
    experimentTrackers: ["tracker"],
    allExperimentTrackers: false,
    pipelineSettings: [],
    stepSettings: [],
    startTimeMs: 5n,
    process: undefined,
    user: "ada",
    sourceName: "train.py",
    producerId: Buffer.alloc(0),
    ...more,
  };
}

/** A process that does nothing until it is ended. */
export function idleProcess(t: ExecutionContext): ChildProcess & { readonly pid: number } {
  const child = spawn("sleep", ["600"], { stdio: "ignore" });
  t.teardown(() => child.kill("SIGKILL"));
  return child as ChildProcess & { readonly pid: number };
}

/** A process as a client in it would describe it. */
export function identityOf(pid: number): ProcessIdentity {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return {
    bootId: readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(),
    pidNamespace: statSync(`/proc/${pid}/ns/pid`, { bigint: true }).ino,
    pid,
    startTicks: BigInt(fields[19] ?? 0),
  };
}

async function answered<Response>(call: (done: Callback<Response>) => unknown): Promise<Response> {
  return await new Promise((resolve, reject) => {
    call((error, response) => {
      if (!error) return resolve(response);
      reject(Object.assign(new Error(error.details), { code: error.metadata.get("stepwell-code")[0] }));
    });
  });
}
