import test from "ava";
import { REDACTED, Redactor, secretsOf } from "../../src/mlflow/redaction.js";
import { verdictOf } from "../../src/mlflow/verdict.js";

const PASSWORD = `p'ss"w/ör d&<1>\\x`;
const USER = "training-user";
const redactor = new Redactor(secretsOf({ kind: "basic", username: USER, password: PASSWORD }));
const base64 = (text: string) => Buffer.from(text, "utf8").toString("base64");

const forms: Readonly<Record<string, string>> = {
  raw: PASSWORD,
  "in JSON": JSON.stringify(PASSWORD).slice(1, -1),
  "in JSON of ASCII": JSON.stringify(PASSWORD).slice(1, -1).replace("ö", "\\u00f6"),
  "in HTML": "p&#39;ss&quot;w/ör d&amp;&lt;1&gt;\\x",
  "as Python shows it": `p\\'ss"w/ör d&<1>\\\\x`,
  "URL-encoded": encodeURIComponent(PASSWORD),
  "URL-encoded in lower case": encodeURIComponent(PASSWORD).toLowerCase(),
  "of a form": new URLSearchParams({ "": PASSWORD }).toString().slice(1),
  base64: base64(PASSWORD),
  "base64 of the header": base64(`${USER}:${PASSWORD}`),
  "base64 of a URL": Buffer.from(PASSWORD).toString("base64url"),
  "in base64 of a longer text": base64(`x${PASSWORD}y`).slice(2, -4),
  hexadecimal: Buffer.from(PASSWORD).toString("hex"),
  "the decoded header": `${USER}:${PASSWORD}`,
  "the header, cut": `Authorization: Basic ${base64(`${USER}:${PASSWORD}`).slice(0, 14)}`,
  "the start of it": PASSWORD.slice(0, 9),
};

for (const [name, form] of Object.entries(forms)) {
  test(`a password that a server quotes is taken out: ${name}`, (t) => {
    const body = JSON.stringify({ error_code: "BAD_REQUEST", message: `refused ${form} twice ${form}` });
    for (const each of [body, `refused ${form} twice`, `<html>${form}</html>`]) {
      const answer = redactor.answer({ kind: "answered", status: 400, headers: {}, body: each });
      if (answer.kind !== "answered") return t.fail();
      t.false(answer.body.includes(form), answer.body);
      t.true(answer.body.includes(REDACTED));
    }
    const verdict = verdictOf(
      redactor.answer({ kind: "answered", status: 400, headers: {}, body }),
      "http://one",
    );
    t.is(verdict.kind, "doubtful", "the words that decide stay");
  });
}

test("a token that is an encoding itself is taken out decoded, too", (t) => {
  const token = base64("the-real-secret-1");
  const tokens = new Redactor(secretsOf({ kind: "bearer", token }));
  t.is(tokens.text("decoded: the-real-secret-1."), `decoded: ${REDACTED}.`);
});

test("whatever stands behind Bearer or Basic is taken out, ours or not", (t) => {
  const none = new Redactor([]);
  t.is(none.text("got Bearer abcdef.ghi-jk1 from you"), `got Bearer ${REDACTED} from you`);
  t.is(none.text("got basic dXNlcjpwYXNzMQ=="), `got basic ${REDACTED}`);
  t.is(none.text("basic authentication"), "basic authentication");
});

test("an error of the connection and a redirect's address are looked at as well", (t) => {
  const failed = redactor.answer({
    kind: "failed",
    code: "ENOTFOUND",
    message: `getaddrinfo ${PASSWORD}`,
    isSent: false,
  });
  t.deepEqual(failed, {
    kind: "failed",
    code: "ENOTFOUND",
    message: `getaddrinfo ${REDACTED}`,
    isSent: false,
  });
  const moved = redactor.answer({
    kind: "answered",
    status: 302,
    headers: { location: `https://${encodeURIComponent(PASSWORD)}.example/`, "retry-after": "12" },
    body: "",
  });
  t.deepEqual(moved.kind === "answered" && moved.headers, {
    location: `https://${REDACTED}.example/`,
    "retry-after": "12",
  });
});

test("a weak password does not change what a success says, nor does a success lose large numbers", (t) => {
  const weak = new Redactor(secretsOf({ kind: "basic", username: "run", password: "metrics" }));
  const body = '{"metrics":[{"key":"metrics","step":9007199254740993}],"run":"metrics"}';
  t.deepEqual(weak.answer({ kind: "answered", status: 200, headers: {}, body }), {
    kind: "answered",
    status: 200,
    headers: {},
    body,
  });
  const quoted = `{"step":9007199254740993,"said":"${base64(`${USER}:${PASSWORD}`)}"}`;
  t.deepEqual(redactor.answer({ kind: "answered", status: 200, headers: {}, body: quoted }), {
    kind: "answered",
    status: 200,
    headers: {},
    body: `{"step":9007199254740993,"said":"${REDACTED}"}`,
  });
});
