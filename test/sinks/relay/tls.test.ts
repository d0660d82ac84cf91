/** The way to a relay with TLS, as a tracker's settings say it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ServerCredentials } from "@grpc/grpc-js";
import test, { type ExecutionContext } from "ava";
import { relayAddress } from "../../../src/sinks/relay/address.js";
import { accessOf } from "../../../src/sinks/relay/relay-access.js";
import { packFor, relayFor, sinkTo } from "../../relay/relay.js";
import {
  AUTHORITY,
  CLIENT,
  OTHER_AUTHORITY,
  OTHER_CLIENT,
  SERVER_CERT,
  SERVER_KEY,
} from "../../support/certificates.js";
import { scratchFolder } from "../../support/folder.js";

const PAIR = { cert_chain: Buffer.from(SERVER_CERT), private_key: Buffer.from(SERVER_KEY) };

/** What becomes of a pack that goes to a relay with TLS by these settings, whose certificates are texts. */
async function sent(t: ExecutionContext, settings: Record<string, string>, asksForCertificate = false) {
  const credentials = ServerCredentials.createSsl(
    asksForCertificate ? Buffer.from(AUTHORITY) : null,
    [PAIR],
    asksForCertificate,
  );
  const { port } = await relayFor(t, { credentials });
  const folder = await scratchFolder(t);
  const inFiles = Object.entries(settings).map(([name, value]) => {
    if (!name.endsWith("_path")) return [name, value];
    const path = join(folder, name);
    writeFileSync(path, value);
    return [name, path];
  });
  const address = relayAddress(`grpcs://127.0.0.1:${port}`);
  const { sink } = sinkTo(t, "grpc://127.0.0.1:1", {
    address,
    access: async () => accessOf(address, Object.fromEntries(inFiles) as Record<string, string>),
  });
  const [outcome] = await sink.send([packFor()]);
  return outcome?.kind === "delivered"
    ? "delivered"
    : outcome && "code" in outcome
      ? outcome.code
      : "nothing";
}

test("a relay whose authority is trusted is sent to", async (t) => {
  t.is(await sent(t, { tracking_server_cert_path: AUTHORITY }), "delivered");
});

test("a relay of an unknown authority is not sent to, unless any certificate is taken", async (t) => {
  t.is(await sent(t, {}), "STEPWELL_TLS_FAILED");
  t.is(await sent(t, { tracking_server_cert_path: OTHER_AUTHORITY }), "STEPWELL_TLS_FAILED");
  t.is(await sent(t, { tracking_insecure_tls: "true" }), "delivered");
});

test("a relay that asks for a certificate is shown the tracker's, and takes no other", async (t) => {
  const trusted = { tracking_server_cert_path: AUTHORITY };
  t.is(await sent(t, { ...trusted, tracking_client_cert_path: CLIENT }, true), "delivered");
  t.not(await sent(t, { ...trusted, tracking_client_cert_path: OTHER_CLIENT }, true), "delivered");
  t.not(await sent(t, trusted, true), "delivered");
});

test("a certificate's file that can't be used is said, and so is a token that no header carries", async (t) => {
  const address = relayAddress("grpcs://relay.example:7443");
  t.throws(() => accessOf(address, { tracking_server_cert_path: "/none" }), { code: "STEPWELL_TLS_FAILED" });
  const path = join(await scratchFolder(t), "noise.pem");
  writeFileSync(path, "noise");
  t.throws(() => accessOf(address, { tracking_client_cert_path: path }), { code: "STEPWELL_TLS_FAILED" });
  t.throws(() => accessOf(address, { tracking_token: "two words" }), { code: "STEPWELL_NOT_AUTHENTICATED" });
});

test("a relay's address has one form; without TLS it is on this machine", (t) => {
  t.is(relayAddress("GRPCS://Relay.Example:7443/").text, "grpcs://relay.example:7443");
  t.deepEqual(relayAddress("grpcs://127.0.0.1:7443?authority=relay.example").channelOptions, {
    "grpc.default_authority": "relay.example",
    "grpc.ssl_target_name_override": "relay.example",
  });
  for (const here of ["grpc://127.0.0.1:7443", "grpc://localhost:7443", "grpc://[::1]:7443"])
    t.false(relayAddress(here).isTls, here);
  for (const bad of [
    "grpc://relay.example:7443",
    "grpcs://relay.example",
    "grpcs://u:p@relay:1",
    "grpc://127.0.0.1:0",
  ])
    t.throws(() => relayAddress(bad), { code: "STEPWELL_CONFIG_INVALID" }, bad);
});
