import { StepwellError } from "../errors/stepwell-error.js";

/** What a handler fails with, as far as a page needs it. */
interface CallFault {
  readonly details?: string;
  readonly metadata?: { readonly get: (name: string) => readonly (string | Buffer)[] };
}

/** A fault for a page: code, message and remedy. */
export function faultJson(error: unknown): { readonly status: number; readonly body: string } {
  if (error instanceof StepwellError) return textOf(error.code, error.message, error.remedy);
  const { details, metadata } = error as CallFault;
  const text = (name: string) => `${metadata?.get(name)[0] ?? ""}`;
  const code = text("stepwell-code") || "STEPWELL_INTERNAL";
  return textOf(code, details ?? String(error), text("stepwell-remedy"));
}

function textOf(code: string, message: string, remedy: string) {
  // Whatever it is, the page reads the code.
  return {
    status: code === "STEPWELL_INTERNAL" ? 500 : 400,
    body: JSON.stringify({ code, message, remedy }),
  };
}
