import { availableParallelism } from "node:os";
import { basename } from "node:path";
import { WHOLE_SUITE, wholeSuite } from "./scripts/test-groups.mjs";

// Files that take longest, the longest first: what begins last keeps nobody waiting. Only order hangs on this list.
const longest = [
  ...["integration", "local", "postgresql", "relay", "leases-long", "answers", "small", "journal"],
  ...[
    "interop",
    "e2e-servers",
    "e2e-at-servers",
    "steps-server",
    "e2e-mlflow",
    "gateway-frameworks",
    "power",
    "kill",
    "mid-request",
    "step-ends",
    "server",
    "gateway",
  ],
  ...["demo", "salvage-state", "daemon", "homes", "state", "restored-store", "databricks", "flush"],
  ...["salvage", "returned", "short-runs", "moved-clocks", "delivery"],
  ...["store-goes-back", "hostile-home", "look-at-runs", "notebooks", "outages", "earlier-cursors"],
  ...["end-hangs", "home-hold", "memory-attacks", "keychain", "package", "first-minutes", "vault-passphrase"],
  ...["gateway-local", "pages", "postgres-tracker", "no-leak", "memory", "torture-short", "ingest"],
  ...["trouble", "collisions", "vault-key", "standby", "file-store", "company"],
].map((name) => `${name}.test.js`);
const rank = (path) => {
  const at = longest.indexOf(basename(path));
  return at < 0 ? longest.length : at;
};

export default {
  files: process.env[WHOLE_SUITE]
    ? wholeSuite
    : ["build/test/**/*.test.js", "build/clients/typescript/test/**/*.test.js"],
  // More than cores: files wait half of their time.
  concurrency: availableParallelism() + 5,
  // How long no test may end: a bound for what hangs. A slow machine at the end of a long file is not that.
  timeout: "10m",
  environmentVariables: {
    // What runs say of themselves is tested for itself.
    STEPWELL_QUIET: "1",
    // Many containers forbid Python to keep what it compiled. Each of hundreds of processes would compile it again.
    PYTHONDONTWRITEBYTECODE: "",
    // Threads for arrays as small as those of tests wait for each other, and spin: a training took 5 s of the processor for 3.
    OPENBLAS_NUM_THREADS: "1",
    OMP_NUM_THREADS: "1",
  },
  // Processes, not threads: a native module that aborts takes its own file down, not the whole suite.
  workerThreads: false,
  sortTestFiles: (one, other) => rank(one) - rank(other) || one.localeCompare(other),
};
