import test from "ava";
import { checkMlflow } from "../../src/stacks/mlflow-flavor.js";
import { readTrackingUri } from "../../src/stacks/tracking-uri.js";

const INVALID = { code: "STEPWELL_CONFIG_INVALID" };

test("a tracker at a relay takes a token, a certificate, or nothing to one that lets all in", (t) => {
  const relay = { tracking_uri: "grpcs://relay.example:7443" };
  t.notThrows(() => checkMlflow(relay));
  t.notThrows(() => checkMlflow({ ...relay, tracking_token: "abc" }));
  t.notThrows(() => checkMlflow({ ...relay, tracking_client_cert_path: "/etc/node.pem" }));
  t.notThrows(() =>
    checkMlflow({ tracking_uri: "grpc://127.0.0.1:7443", tracking_token: "{{relay.token}}" }),
  );
});

test("what no relay takes is refused", (t) => {
  const user = { tracking_username: "ada", tracking_password: "lace" };
  t.throws(() => checkMlflow({ tracking_uri: "grpcs://relay.example:7443", ...user }), INVALID);
  t.throws(() => checkMlflow({ tracking_uri: "grpc://relay.example:7443" }), INVALID);
  t.throws(
    () => checkMlflow({ tracking_uri: "grpc://127.0.0.1:7443", tracking_insecure_tls: "true" }),
    INVALID,
  );
  t.throws(() => checkMlflow({ tracking_uri: "grpcs://ada:lace@relay.example:7443" }), {
    ...INVALID,
    message: /^(?!.*lace).*$/s,
  });
});

test("a relay's address is read in any case, in one form", (t) => {
  t.deepEqual(readTrackingUri("GRPCS://Relay.Example:07443/"), {
    kind: "relay",
    uri: "grpcs://relay.example:7443",
  });
});
