/** Streams of daemons at relays that ask who they are: over TLS, with certificates and tokens that are renewed meanwhile. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ChannelCredentials } from "@grpc/grpc-js";
import test, { type ExecutionContext } from "ava";
import { systemClock } from "../../../src/home/clock.js";
import { Access } from "../../../src/relay/access/access.js";
import { RenewedTls } from "../../../src/relay/access/renewed-tls.js";
import type { RelayServerOptions } from "../../../src/relay/relay-server.js";
import {
  AUTHORITY,
  CLIENT,
  OTHER_AUTHORITY,
  OTHER_CLIENT,
  OTHER_SERVER_CERT,
  OTHER_SERVER_KEY,
  SERVER_CERT,
  SERVER_KEY,
} from "../../support/certificates.js";
import { scratchFolder } from "../../support/folder.js";
import { until } from "../../support/until.js";
import { FakeStore } from "../fake-store.js";
import { RawStream } from "../raw-stream.js";
import { AUTHOR, packFor, relayFor, runId, sinkTo } from "../relay.js";

const log = () => undefined;
const DELIVERED = { kind: "delivered", refused: [] } as const;

/** A relay with TLS whose files a test writes. */
async function tlsRelay(t: ExecutionContext, settings: string, options: Partial<RelayServerOptions> = {}) {
  const folder = await scratchFolder(t);
  const at = (name: string) => join(folder, name);
  const write = (files: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(files)) writeFileSync(at(name), text);
  };
  write({ cert: SERVER_CERT, key: SERVER_KEY, ca: AUTHORITY, settings });
  const files = { cert: at("cert"), key: at("key"), clientCa: at("ca"), isOptional: true, log };
  const credentials = new RenewedTls(files);
  const access = new Access({
    ...{ tokenFile: undefined, settingsFile: at("settings"), hasCertificates: true, clock: systemClock, log },
  });
  const relay = await relayFor(t, { ...options, access, credentials });
  const uri = relay.uri.replace("grpc:", "grpcs:");
  /** A daemon that trusts an authority and shows a certificate. */
  const daemon = (authority: string, client?: string) => {
    const pem = client === undefined ? null : Buffer.from(client);
    const secure = ChannelCredentials.createSsl(Buffer.from(authority), pem, pem);
    return sinkTo(t, uri, { access: async () => ({ credentials: secure, token: "" }) }).sink;
  };
  return { ...relay, uri, write, daemon, access, credentials };
}

const BY_CERTIFICATE = `version: 1
tenants:
  vision:
    identities:
      - certificate: IP:127.0.0.1
      - certificate: URI:spiffe://example/vision/*
    experiments: digits
`;

test("who has a certificate of the authority is let in by its name; none, and another authority's, are not", async (t) => {
  const relay = await tlsRelay(t, BY_CERTIFICATE);
  t.deepEqual(await relay.daemon(AUTHORITY, CLIENT).send([packFor()]), [DELIVERED]);
  for (const client of [undefined, OTHER_CLIENT]) {
    const [outcome] = await relay.daemon(AUTHORITY, client).send([packFor({ run: 2 })]);
    t.like(outcome, { kind: "hold", scope: "backend", code: "STEPWELL_NOT_AUTHENTICATED" });
  }
  const [untrusted] = await relay.daemon(OTHER_AUTHORITY, CLIENT).send([packFor({ run: 2 })]);
  t.like(untrusted, { kind: "hold", code: "STEPWELL_TLS_FAILED" });
  const plain = sinkTo(t, relay.uri.replace("grpcs:", "grpc:")).sink;
  t.like((await plain.send([packFor({ run: 2 })]))[0], { kind: "retry" });
  t.is(relay.store.points.size, 1);
});

test("certificates are renewed without a restart: the server's, and the authorities of its callers", async (t) => {
  const relay = await tlsRelay(t, BY_CERTIFICATE);
  const before = relay.daemon(AUTHORITY, CLIENT);
  await before.send([packFor()]);
  // Between the two writes of a renewal nothing changes.
  relay.write({ cert: OTHER_SERVER_CERT });
  relay.credentials.look();
  t.deepEqual(await relay.daemon(AUTHORITY, CLIENT).send([packFor({ run: 2 })]), [DELIVERED]);
  relay.write({ key: OTHER_SERVER_KEY, ca: OTHER_AUTHORITY });
  relay.credentials.look();
  t.deepEqual(await relay.daemon(OTHER_AUTHORITY, OTHER_CLIENT).send([packFor({ run: 3 })]), [DELIVERED]);
  const [refused] = await relay.daemon(OTHER_AUTHORITY, CLIENT).send([packFor({ run: 4 })]);
  t.like(refused, { kind: "hold", code: "STEPWELL_NOT_AUTHENTICATED" });
  t.deepEqual(await before.send([packFor({ run: 5 })]), [DELIVERED], "a stream that is open goes on");
});

test("a caller whose authority was taken out is judged anew when its stream has aged, and is in no more", async (t) => {
  const relay = await tlsRelay(t, BY_CERTIFICATE, { streamAgeMs: 3_000 });
  const sink = relay.daemon(AUTHORITY, CLIENT);
  await sink.send([packFor()]);
  relay.write({ ca: OTHER_AUTHORITY });
  relay.credentials.look();
  t.is(relay.server.streams(), 1);
  await until(
    "its stream is over",
    async () => relay.server.streams(),
    (count) => count === 0,
  );
  const [outcome] = await sink.send([packFor({ run: 2 })]);
  t.like(outcome, { kind: "hold", scope: "backend", code: "STEPWELL_NOT_AUTHENTICATED" });
  t.is(relay.store.points.size, 1);
});

test("files that are changed are found by themselves", async (t) => {
  const relay = await tlsRelay(t, BY_CERTIFICATE);
  relay.credentials.watch();
  relay.write({ cert: OTHER_SERVER_CERT, key: OTHER_SERVER_KEY });
  const outcome = await until(
    "the new certificate is shown",
    async () => (await relay.daemon(OTHER_AUTHORITY, CLIENT).send([packFor()]))[0],
    (seen) => seen?.kind === "delivered",
    { everyMs: 500 },
  );
  t.deepEqual(outcome, DELIVERED);
});

test("files that can't be used are refused at the start", async (t) => {
  const folder = await scratchFolder(t);
  const cert = join(folder, "cert");
  const key = join(folder, "key");
  const open = () => new RenewedTls({ cert, key, clientCa: undefined, isOptional: false, log });
  t.throws(open, { code: "STEPWELL_TLS_FAILED" });
  writeFileSync(cert, SERVER_CERT);
  writeFileSync(key, OTHER_SERVER_KEY);
  t.throws(open, { code: "STEPWELL_TLS_FAILED" });
  writeFileSync(key, SERVER_KEY);
  t.notThrows(open);
});

/** A relay with tokens and tenants whose files a test writes. */
async function tokenRelay(
  t: ExecutionContext,
  settings: string,
  tokens = "vision-nodes good\nspeech other\n",
) {
  const folder = await scratchFolder(t);
  const [tokenFile, settingsFile] = [join(folder, "tokens"), join(folder, "settings")];
  writeFileSync(tokenFile, tokens);
  writeFileSync(settingsFile, settings);
  const access = new Access({ tokenFile, settingsFile, hasCertificates: false, clock: systemClock, log });
  const relay = await relayFor(t, { access, store: new FakeStore() });
  const daemon = (token: () => string) =>
    sinkTo(t, relay.uri, {
      access: async () => ({ credentials: ChannelCredentials.createInsecure(), token: token() }),
    }).sink;
  return { ...relay, access, tokenFile, settingsFile, daemon };
}

const BY_TOKEN = (experiments: string) => `version: 1
tenants:
  vision: {identities: {token: vision-*}, experiments: ${experiments}}
  speech: {identities: {token: speech}, experiments: "*"}
`;

test("a run in an experiment that is not the tenant's is held, others go on; it goes once the settings let it", async (t) => {
  const relay = await tokenRelay(t, BY_TOKEN("[other]"));
  const sink = relay.daemon(() => "good");
  const mine = { ...packFor({ run: 2 }), start: { ...startOf(), experimentName: "other" } };
  const [held, delivered] = await sink.send([packFor(), mine]);
  t.like(held, { kind: "hold", scope: "run", code: "STEPWELL_NOT_PERMITTED" });
  t.deepEqual(delivered, DELIVERED);
  t.deepEqual([...relay.store.points.keys()], [runId(2)]);
  writeFileSync(relay.settingsFile, BY_TOKEN("[other, dig*]"));
  relay.access.look();
  t.deepEqual(await sink.send([packFor()]), [DELIVERED], "over the stream that was open");
});

test("a token that was taken out ends its stream in good order, and the renewed one goes on: nothing is in doubt", async (t) => {
  const relay = await tokenRelay(t, BY_TOKEN('"*"'));
  let token = "good";
  const shown: string[] = [];
  const sink = relay.daemon(() => {
    shown.push(token);
    return token;
  });
  let seq = 0;
  let isOver = false;
  const outcomes: unknown[] = [];
  const sending = (async () => {
    while (!isOver) {
      const after = seq === 0 ? undefined : { ...AUTHOR, seq };
      seq += 1;
      outcomes.push(...(await sink.send([packFor({ after, seq, pointsThrough: seq * 3 })])));
    }
  })();
  await until(
    "some are there",
    () => outcomes.length,
    (count) => count > 20,
  );
  token = "better";
  writeFileSync(relay.tokenFile, "vision-nodes better\nspeech other\n");
  relay.access.look();
  await until(
    "it comes with the new one",
    () => shown,
    (all) => all.length > 1,
  );
  t.deepEqual(shown, ["good", "better"]);
  const before = outcomes.length;
  await until(
    "it goes on",
    () => outcomes.length,
    (count) => count > before + 20,
  );
  isOver = true;
  await sending;
  t.true(outcomes.every((outcome) => (outcome as { kind: string }).kind === "delivered"));
  t.is(relay.store.moved, 0);
  token = "good";
  await until(
    "the first stream is gone",
    () => relay.server.streams(),
    (count) => count === 1,
  );
  const [refused] = await relay.daemon(() => "good").send([packFor({ run: 9 })]);
  t.like(refused, { kind: "hold", code: "STEPWELL_NOT_AUTHENTICATED" });
});

function startOf() {
  const { start } = packFor();
  if (!start) throw new Error("a pack has a start");
  return start;
}

test("a caller that is let in and opens only after its token was taken out, or its rights were changed, is judged anew", async (t) => {
  const relay = await tokenRelay(t, BY_TOKEN("[digits]"), "vision-a good\nvision-b stays\nspeech other\n");
  const admit = relay.access.admit.bind(relay.access);
  let admitted = 0;
  relay.access.admit = async (shown) => {
    const caller = await admit(shown);
    admitted += 1;
    return caller;
  };
  const [gone, bounded] = [new RawStream(relay.port, "good"), new RawStream(relay.port, "stays")];
  t.teardown(() => {
    for (const each of [gone, bounded]) each.close();
  });
  await until(
    "both are let in",
    () => admitted,
    (count) => count === 2,
  );
  writeFileSync(relay.tokenFile, "vision-b stays\nspeech other\n");
  writeFileSync(relay.settingsFile, BY_TOKEN("[other]"));
  relay.access.look();
  gone.open();
  let how = "";
  void gone.ended.then((code) => (how = code));
  await until(
    "its end, or a welcome",
    () => [how, ...gone.all("welcome")],
    ([code, welcome]) => code !== "" || welcome !== undefined,
  );
  t.is(how, "STEPWELL_NOT_AUTHENTICATED");
  bounded.open("c".repeat(32));
  bounded.pack(1, packFor());
  t.like(await bounded.outcome(1), { $case: "hold", value: { code: "STEPWELL_NOT_PERMITTED" } });
});
