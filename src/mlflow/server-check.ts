/** Asks a server everything that can keep runs from it, and says what to do about each. */
import { failedCheck, faultCheck, type HomeCheck, okCheck, warnCheck } from "../model/home-check.js";
import { CLOCK_SKEW_MS_MAX, TEST_ANSWER_MS_MAX } from "../model/limits.js";
import { remedyOf, remedyOfVerdict } from "./check-remedies.js";
import { DIALECTS } from "./dialect.js";
import { greetingOf } from "./greeting.js";
import { unsafeMlflow } from "./mlflow-version.js";
import { Server, type ServerOptions } from "./server.js";
import { type BadVerdict, ServerFault } from "./server-fault.js";
import type { Session } from "./session.js";
import { type Answer, verdictOf } from "./verdict.js";

/** What stands between runs and a server, what matters first. It changes nothing and never rejects. */
export async function checkServer(options: ServerOptions): Promise<HomeCheck[]> {
  const server = new Server({ ...options, answerMs: TEST_ANSWER_MS_MAX });
  const checks: HomeCheck[] = [];
  try {
    const session = await server.session();
    checks.push(okCheck("credentials", `They are at hand (${session.credentials}).`));
    await checkSession(session, options, checks);
  } catch (error) {
    checks.push(failure(error, checks.length === 0 ? "credentials" : "server"));
  } finally {
    server.destroy();
  }
  return checks;
}

async function checkSession(
  session: Session,
  { backend, clock, onVersion }: ServerOptions,
  checks: HomeCheck[],
): Promise<void> {
  const { greeting, servesArtifacts } = DIALECTS[backend.kind];
  const version = await session.ask("GET", "/version");
  if (version.kind === "failed") return void checks.push(unreachable(version, session));
  checks.push(okCheck("server", `${session.baseUrl} answers.`));
  if (!greeting) checks.push(versionCheck(version, onVersion));
  const listed = verdictOf(
    await session.ask("POST", "/api/2.0/mlflow/experiments/search", EVERY),
    session.baseUrl,
  );
  if (listed.kind !== "ok") return void checks.push(badAnswer("authentication", listed, session.baseUrl));
  checks.push(okCheck("authentication", "It lets us look at experiments."));
  if (servesArtifacts)
    checks.push(artifactCheck(await session.ask("GET", "/api/2.0/mlflow-artifacts/artifacts?path=")));
  checks.push(clockCheck(version, clock.nowMs()));
}

const EVERY = Buffer.from('{"max_results":1}');

function versionCheck(
  answer: Answer & { kind: "answered" },
  onVersion: ServerOptions["onVersion"],
): HomeCheck {
  const { version } = greetingOf(answer);
  onVersion(version);
  const unsafe = unsafeMlflow(version);
  if (unsafe) return warnCheck("version", unsafe.finding, unsafe.remedy);
  return okCheck("version", version === "" ? "It does not say." : `MLflow ${version}.`);
}

function artifactCheck(answer: Answer): HomeCheck {
  const isProxied = answer.kind === "answered" && answer.status === 200;
  if (isProxied) return okCheck("artifacts", "It serves artifacts itself.");
  const finding =
    "It does not serve artifacts: programs that log files need their own way to the artifact store.";
  return warnCheck(
    "artifacts",
    finding,
    "Start the server with --serve-artifacts, or give those programs access.",
  );
}

function clockCheck({ headers }: Answer & { kind: "answered" }, nowMs: number): HomeCheck {
  const theirs = Date.parse(headers["date"] ?? "");
  if (Number.isNaN(theirs)) return okCheck("clock", "It does not say what time it is there.");
  const apartMs = Math.abs(theirs - nowMs);
  if (apartMs <= CLOCK_SKEW_MS_MAX) return okCheck("clock", "Its clock and ours agree.");
  const finding = `Its clock and ours are ${Math.round(apartMs / 1000)} s apart: times of runs are not comparable, and tokens may not be taken.`;
  return warnCheck("clock", finding, "Set the clock of this machine, or of the server.");
}

function unreachable(answer: Answer & { kind: "failed" }, session: Session): HomeCheck {
  const verdict = verdictOf(answer, session.baseUrl);
  if (verdict.kind === "ok") throw new TypeError("no answer is a good one");
  const remedy = remedyOf(answer.code, session.baseUrl) ?? remedyOfVerdict(verdict.code, session.baseUrl);
  return failedCheck("server", `${verdict.code}: ${verdict.reason}.`, remedy);
}

function badAnswer(check: string, { code, reason }: BadVerdict, address: string): HomeCheck {
  const isOfHost = code === "STEPWELL_NOT_PERMITTED" && /host header/i.test(reason);
  const remedy = isOfHost
    ? "Start the server with --allowed-hosts naming the host as tracking_uri has it, port and all."
    : remedyOfVerdict(code, address);
  return failedCheck(check, `${code}: ${reason}`, remedy);
}

function failure(thrown: unknown, check: string): HomeCheck {
  // Only the endpoint for a workspace's tokens was asked by then.
  if (thrown instanceof ServerFault) return badAnswer(check, thrown.verdict, "databricks_host");
  return faultCheck(check, "failed", thrown);
}
