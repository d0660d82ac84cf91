import type { ServerWritableStream } from "@grpc/grpc-js";
import {
  BundleProgress,
  type BundlesServiceServer,
  type ConfirmBundleRequest,
  type ConfirmBundleResponse,
  type ExportBundleRequest,
  type ImportBundleRequest,
} from "../gen/stepwell/v1/bundles.js";
import { BUNDLE_PROGRESS_MS } from "../model/bundle-limits.js";
import { callErrorOf } from "./call-error.js";
import { unary } from "./unary.js";

/** Work on a bundle that says how far it is. */
type BundleWork<Request> = (
  request: Request,
  say: (progress: BundleProgress) => void,
  signal: AbortSignal,
) => Promise<BundleProgress>;

/** What is done with bundles. */
export interface BundleCalls {
  readonly exportBundle: BundleWork<ExportBundleRequest>;
  readonly importBundle: BundleWork<ImportBundleRequest>;
  readonly confirmBundle: (request: ConfirmBundleRequest) => Promise<ConfirmBundleResponse>;
}

export function bundlesService(calls: BundleCalls): BundlesServiceServer {
  return {
    exportBundle: (call) => void work(call, (...args) => calls.exportBundle(...args)),
    importBundle: (call) => void work(call, (...args) => calls.importBundle(...args)),
    confirmBundle: unary(async (request) => await calls.confirmBundle(request)),
  };
}

const NOTHING = new Uint8Array(0);

/** Ends the work when its caller is gone. Never rejects. */
async function work<Request>(
  call: ServerWritableStream<Request, { progress: BundleProgress | undefined }>,
  begin: BundleWork<Request>,
): Promise<void> {
  const gone = new AbortController();
  for (const event of ["cancelled", "close"]) call.once(event, () => gone.abort());
  let last = BundleProgress.decode(NOTHING);
  // Also while nothing gets on: a caller that hears nothing takes the daemon for dead.
  const telling = setInterval(() => call.write({ progress: last }), BUNDLE_PROGRESS_MS).unref();
  const say = (progress: BundleProgress) => {
    last = progress;
  };
  try {
    call.write({ progress: await begin(call.request, say, gone.signal) });
    call.end();
  } catch (error) {
    call.emit("error", callErrorOf(error));
  } finally {
    clearInterval(telling);
  }
}
