/**
 * A request that is not taken, said as MLflow's server says it: its clients decide by `error_code` and show the
 * message, and the two fields behind them are what its newer ones read.
 */

/** What MLflow calls a fault, with its HTTP status, SQL state and class (MLflow 3.17.2, exceptions and error_classification). */
const FAULTS = {
  INVALID_PARAMETER_VALUE: { status: 400, sqlstate: "KAM00", errorClass: "INVALID_PARAMETER_VALUE" },
  BAD_REQUEST: { status: 400, sqlstate: "KAM00", errorClass: "INVALID_PARAMETER_VALUE" },
  RESOURCE_ALREADY_EXISTS: { status: 400, sqlstate: "KAM00", errorClass: "RESOURCE_ALREADY_EXISTS" },
  UNAUTHENTICATED: { status: 401, sqlstate: "KAM00", errorClass: "UNAUTHENTICATED" },
  PERMISSION_DENIED: { status: 403, sqlstate: "KAM00", errorClass: "PERMISSION_DENIED" },
  RESOURCE_DOES_NOT_EXIST: { status: 404, sqlstate: "KAM00", errorClass: "RESOURCE_NOT_FOUND" },
  ENDPOINT_NOT_FOUND: { status: 404, sqlstate: "KAM00", errorClass: "RESOURCE_NOT_FOUND" },
  INVALID_STATE: { status: 500, sqlstate: "XXM00", errorClass: "CLIENT_INTERNAL_ERROR" },
  NOT_IMPLEMENTED: { status: 501, sqlstate: "XXM00", errorClass: "CLIENT_INTERNAL_ERROR" },
  INTERNAL_ERROR: { status: 500, sqlstate: "XXM00", errorClass: "CLIENT_INTERNAL_ERROR" },
  TEMPORARILY_UNAVAILABLE: { status: 503, sqlstate: "XXM00", errorClass: "CLIENT_INTERNAL_ERROR" },
} as const;

export type FaultCode = keyof typeof FAULTS;

/** Classes that say more than their code, with the SQL state of each. */
const CLASSES = { ATTRIBUTE_NOT_FOUND: "KAM04" } as const;

export type FaultClass = keyof typeof CLASSES;

export class RequestFault extends Error {
  readonly code: FaultCode;
  /** What says more than the code. */
  readonly errorClass: FaultClass | undefined;

  constructor(code: FaultCode, message: string, errorClass?: FaultClass) {
    super(message);
    this.name = "RequestFault";
    this.code = code;
    this.errorClass = errorClass;
  }

  /** What a server said, said again; of a code that is not in the table it is the commonest of its kind. */
  static said(code: string, message: string): RequestFault {
    return new RequestFault(code in FAULTS ? (code as FaultCode) : "INVALID_PARAMETER_VALUE", message);
  }

  get status(): number {
    return FAULTS[this.code].status;
  }

  /** The body of the answer. */
  toJson(): string {
    const ofCode = FAULTS[this.code];
    const { sqlstate, errorClass } = this.errorClass
      ? { sqlstate: CLASSES[this.errorClass], errorClass: this.errorClass }
      : ofCode;
    return JSON.stringify({
      error_code: this.code,
      message: this.message,
      sqlstate,
      error_class: errorClass,
    });
  }
}

/** Whether the tracker could not be asked, or has not got yet what it needs. */
export function isAway(error: unknown): boolean {
  return error instanceof RequestFault && error.code === "TEMPORARILY_UNAVAILABLE";
}

/** The commonest: something in the request has a value that it can't have. */
export function invalid(message: string): RequestFault {
  return new RequestFault("INVALID_PARAMETER_VALUE", message);
}

/** MLflow's words for a logged model that is not there. */
export function noModel(modelId: string): RequestFault {
  return new RequestFault("RESOURCE_DOES_NOT_EXIST", `Logged model with ID '${modelId}' not found.`);
}
