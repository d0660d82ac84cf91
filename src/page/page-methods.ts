/** What a page may ask of the API: to look at runs, lanes and dead letters, and to send letters again or drop them. */

/** One method of the API, as the page needs it. */
export interface PageMethod {
  readonly definition: {
    readonly responseStream: boolean;
    readonly requestStream: boolean;
    readonly requestDeserialize: (bytes: Buffer) => unknown;
    readonly responseSerialize: (response: unknown) => Buffer;
  };
  readonly handle: (call: unknown, answer?: (error: unknown, response?: unknown) => void) => void;
}

/** By a path such as /stepwell.v1.RunsService/ListRuns. */
export type PageMethods = ReadonlyMap<string, PageMethod>;

const ALLOWED: ReadonlySet<string> = new Set(
  [
    ...["RunsService/ListRuns", "RunsService/GetRun", "RunsService/GetRunData"],
    ...[
      "CurvesService/ListKeys",
      "CurvesService/ReadCurves",
      "CurvesService/WatchCurves",
      "CurvesService/ReadPoints",
    ],
    ...[
      "DaemonService/GetInfo",
      "DaemonService/GetStatus",
      "DaemonService/ListLanes",
      "DaemonService/WatchStatus",
    ],
    ...["DeadLettersService/ListDeadLetters", "DeadLettersService/GetDeadLetter"],
    ...["DeadLettersService/RetryDeadLetters", "DeadLettersService/DropDeadLetters"],
    "GatewayService/OpenGateway",
  ].map((name) => `/stepwell.v1.${name}`),
);

/** The method at a path; undefined for what is none, or not for a page. */
export function pageMethodAt(methods: PageMethods, path: string): PageMethod | undefined {
  const method = ALLOWED.has(path) ? methods.get(path) : undefined;
  return method?.definition.requestStream ? undefined : method;
}
