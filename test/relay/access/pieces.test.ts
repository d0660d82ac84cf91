/** The small pieces that who may use a relay is decided by: patterns, names of certificates, the file of tokens. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import fc from "fast-check";
import { isLike } from "../../../src/model/star-pattern.js";
import { certificateNames } from "../../../src/relay/access/certificate-names.js";
import { digestOf, readTokens } from "../../../src/relay/access/tokens.js";
import { scratchFolder } from "../../support/folder.js";

test("a star stands for any characters, and everything else for itself", (t) => {
  const like: [string, string][] = [
    ["vision", "vision"],
    ["vision/a/b", "vision/*"],
    ["vision/", "vision/*"],
    ["", "*"],
    ["a-b-c", "a*b*c"],
    ["abab", "ab*ab"],
    ["a*b", "a*b"],
    ["DNS:node7.vision.example", "DNS:*.vision.example"],
  ];
  for (const [text, pattern] of like) t.true(isLike(text, pattern), `${text} ${pattern}`);
  const unlike: [string, string][] = [
    ["vision2", "vision"],
    ["vision", "vision/*"],
    ["aba", "ab*ba"],
    ["ac", "a*b*c"],
    ["x.vision.example.evil", "*.vision.example"],
    ["visionX", "vision."],
  ];
  for (const [text, pattern] of unlike) t.false(isLike(text, pattern), `${text} ${pattern}`);
});

test("a pattern means what the same regular expression means", (t) => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "."), maxLength: 12 });
  const pattern = fc.string({ unit: fc.constantFrom("a", "b", ".", "*"), maxLength: 8 });
  fc.assert(
    fc.property(text, pattern, (one, other) => {
      const expression = new RegExp(`^${other.replaceAll(".", "\\.").replaceAll("*", ".*")}$`, "s");
      return isLike(one, other) === expression.test(one);
    }),
    { numRuns: 2_000 },
  );
  t.pass();
});

test("a certificate's names are read one by one, also where one holds what parts them", (t) => {
  t.deepEqual(
    certificateNames(
      "DNS:Node7.Example, URI:spiffe://example/vision/node7, IP Address:10.0.0.1, email:a@b.c",
    ),
    ["DNS:node7.example", "URI:spiffe://example/vision/node7", "IP:10.0.0.1", "email:a@b.c"],
  );
  t.deepEqual(certificateNames('DNS:"good.example, DNS:evil.example", DNS:other.example'), [
    "DNS:good.example, dns:evil.example",
    "DNS:other.example",
  ]);
  t.deepEqual(certificateNames(""), []);
  t.deepEqual(certificateNames("othername:<unsupported>, DNS:a"), ["DNS:a"]);
});

test("tokens are found by what they are, as they stand or by their digest, with their names", async (t) => {
  const path = join(await scratchFolder(t), "tokens");
  const digest = digestOf("second-token").toString("hex");
  writeFileSync(path, `# nodes\nfirst-token\n\n  nodes   sha256:${digest.toUpperCase()}\nci third-token\r\n`);
  const tokens = readTokens(path);
  t.is(tokens.find(digestOf("first-token"))?.name, "");
  t.is(tokens.find(digestOf("second-token"))?.name, "nodes");
  t.is(tokens.find(digestOf("third-token"))?.name, "ci");
  for (const bad of ["first", "", "# nodes", digest, `sha256:${digest}`, "nodes second-token"])
    t.is(tokens.find(digestOf(bad)), undefined, bad);
});

test("a file of tokens that means nothing is refused with the line, and shows none of them", async (t) => {
  const path = join(await scratchFolder(t), "tokens");
  const fault = (text: string) => {
    writeFileSync(path, text);
    return t.throws(() => readTokens(path), { code: "STEPWELL_CONFIG_INVALID" }).message;
  };
  t.throws(() => readTokens(`${path}.none`), { code: "STEPWELL_CONFIG_INVALID" });
  t.regex(fault("# nothing\n"), /0 tokens/);
  for (const text of ["good x\nmy secret-token extra\n", "good x\nn@me! secret-token\n"]) {
    const message = fault(text);
    t.regex(message, /Line 2/);
    t.notRegex(message, /secret/);
  }
  t.regex(fault("good x\nnodes sha256:1234\n"), /Line 2 .* 64 hexadecimal/);
});
