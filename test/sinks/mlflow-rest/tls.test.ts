import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { AUTHORITY, CLIENT, SERVER_CERT, SERVER_KEY } from "../../support/certificates.js";
import { scratchFolder } from "../../support/folder.js";
import { ScriptedMlflow } from "../../support/scripted-mlflow.js";
import { pack } from "../mlflow-sqlite/packs.js";
import { only, restSink } from "./rest.js";

const SHOWN = { key: SERVER_KEY, cert: SERVER_CERT };

async function send(t: ExecutionContext, url: string, settings: Record<string, string>) {
  const sink = restSink(t, url, { settings: async () => settings });
  return only(await sink.send([pack(1, [["loss", 0n, 1n, 0.5]])]));
}

async function files(t: ExecutionContext) {
  const folder = await scratchFolder(t);
  const [serverCertPath, clientCertPath] = [join(folder, "ca.pem"), join(folder, "client.pem")];
  writeFileSync(serverCertPath, AUTHORITY);
  writeFileSync(clientCertPath, CLIENT, { mode: 0o600 });
  return { serverCertPath, clientCertPath };
}

test("a certificate that nobody vouches for holds the lane, until it is trusted or any is taken", async (t) => {
  const server = await ScriptedMlflow.start(t, { tls: SHOWN });
  const { serverCertPath } = await files(t);
  t.like(await send(t, server.url, {}), { kind: "hold", code: "STEPWELL_TLS_FAILED" });
  t.is(server.seen.length, 0, "nothing was sent to it");
  t.like(await send(t, server.url, { tracking_server_cert_path: serverCertPath }), { kind: "delivered" });
  t.like(await send(t, server.url, { tracking_insecure_tls: "true" }), { kind: "delivered" });
  t.like(await send(t, server.url, { tracking_insecure_tls: "false" }), { kind: "hold" });
});

test("a client certificate is shown where the server wants one", async (t) => {
  const server = await ScriptedMlflow.start(t, { tls: { ...SHOWN, ca: AUTHORITY } });
  const { serverCertPath: tracking_server_cert_path, clientCertPath } = await files(t);
  const without = await send(t, server.url, { tracking_server_cert_path });
  t.is(without.kind === "delivered", false, JSON.stringify(without));
  t.is(server.seen.length, 0);
  const settings = { tracking_server_cert_path, tracking_client_cert_path: clientCertPath };
  t.like(await send(t, server.url, settings), { kind: "delivered" });
});

test("certificates that are renewed in their files count from the next connection on, without a new daemon", async (t) => {
  const server = await ScriptedMlflow.start(t, { tls: { ...SHOWN, ca: AUTHORITY }, keepAliveMs: 1 });
  const { serverCertPath, clientCertPath } = await files(t);
  writeFileSync(serverCertPath, SERVER_CERT);
  const settings = async () => ({
    tracking_server_cert_path: serverCertPath,
    tracking_client_cert_path: clientCertPath,
  });
  const sink = restSink(t, server.url, { settings });
  let seq = 0;
  const sent = async () => {
    seq += 1;
    for (;;) {
      // The server ends idle connections at once: a request may meet one that is just being ended.
      const outcome = only(await sink.send([pack(seq, [["loss", 0n, 1n, 0.5]])]));
      if (outcome.kind !== "retry") return outcome;
    }
  };
  t.like(await sent(), { kind: "hold", code: "STEPWELL_TLS_FAILED" });
  writeFileSync(serverCertPath, AUTHORITY);
  t.like(await sent(), { kind: "delivered" });
  writeFileSync(clientCertPath, CLIENT.slice(0, 900));
  t.like(await sent(), { kind: "delivered" }, "what is half written is not used");
  rmSync(clientCertPath);
  t.like(await sent(), { kind: "delivered" });
  writeFileSync(clientCertPath, SERVER_CERT + SERVER_KEY);
  t.like(await sent(), { kind: "delivered" });
  const shown = server.shown.slice(-2);
  t.deepEqual(shown, ["Stepwell test client", "Stepwell test server"]);
});

test("a certificate file that holds none holds the lane", async (t) => {
  const { clientCertPath } = await files(t);
  writeFileSync(clientCertPath, "nothing");
  const outcome = await send(t, "https://127.0.0.1:1", { tracking_client_cert_path: clientCertPath });
  t.deepEqual(outcome, {
    kind: "hold",
    code: "STEPWELL_TLS_FAILED",
    reason: `The certificate ${clientCertPath} can't be used.`,
    scope: "backend",
  });
});

test("a certificate file that can't be read, or is a pipe, holds the lane", async (t) => {
  const outcome = await send(t, "https://127.0.0.1:1", { tracking_server_cert_path: "/none/ca.pem" });
  t.deepEqual(outcome, {
    kind: "hold",
    code: "STEPWELL_TLS_FAILED",
    reason: "The certificate /none/ca.pem can't be read.",
    scope: "backend",
  });
  if (process.platform === "win32") return;
  const pipe = join(await scratchFolder(t), "ca.pem");
  execFileSync("mkfifo", [pipe]);
  const held = {
    kind: "hold",
    code: "STEPWELL_TLS_FAILED",
    reason: `The certificate ${pipe} can't be read.`,
  };
  t.like(await send(t, "https://127.0.0.1:1", { tracking_server_cert_path: pipe }), held);
});
