/** Lines of metrics, as `log --stdin` reads them. */
import test from "ava";
import { PointLines } from "../../src/cli/input/point-lines.js";
import type { Point } from "../../src/cli/input/points.js";

/** What of a text is read, in chunks of a few bytes. */
function read(text: string) {
  const lines = new PointLines(() => 1_000);
  const bytes = Buffer.from(text);
  const chunks = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, index) =>
    bytes.subarray(index * 7, index * 7 + 7),
  );
  const found = [...chunks.flatMap((chunk) => [...lines.take(chunk)]), ...lines.end()];
  const said = ({ key, step, timestampMs, value }: Point) => [key, Number(step), Number(timestampMs), value];
  return {
    points: found.flatMap((line) => line.points.map(said)),
    faults: found.flatMap((line) => line.faults),
  };
}

test("CSV has a header, quotes, empty cells, and a time where it says one", (t) => {
  const csv =
    '\uFEFFstep,"a, ""b""",é,timestamp\r\n1,0.5,2,5\r\n\r\n2.0,,-inf,\r\n3,1\r\n4,x,1,1.5\nz,1,1,1\n5,1,1,1\n6,1,1,-1';
  t.deepEqual(read(csv), {
    points: [
      ['a, "b"', 1, 5, 0.5],
      ["é", 1, 5, 2],
      ["é", 2, 1_000, Number.NEGATIVE_INFINITY],
      ['a, "b"', 5, 1, 1],
      ["é", 5, 1, 1],
    ],
    faults: [
      "Line 5 has 2 cells, and the header 4.",
      "Line 6 has a timestamp that is not in whole milliseconds since 1970.",
      "Line 7 has a step that is no whole number from -2^63 to 2^63-1.",
      "Line 9 has a timestamp that is not in whole milliseconds since 1970.",
    ],
  });
});

test("JSON lines have numbers, as Python writes them too; nothing is made of what is none", (t) => {
  const lines = [
    '{"step": 1, "timestamp": 7, "a": 1e-3, "b": -Infinity, "c": null, "d": "nan"}',
    '{"a": true, "b": [1], "c": "", "d": 2}',
    '{"step": 1.5, "a": 1}',
    "[1]",
  ];
  t.deepEqual(read(lines.join("\n")), {
    points: [
      ["a", 1, 7, 0.001],
      ["b", 1, 7, Number.NEGATIVE_INFINITY],
      ["d", 1, 7, Number.NaN],
      ["d", 0, 1_000, 2],
    ],
    faults: [
      'Line 2 has a "a" that is no number.',
      'Line 2 has a "b" that is no number.',
      "Line 3 has a step that is no whole number from -2^63 to 2^63-1.",
      "Line 4 is no object of JSON.",
    ],
  });
});

test("a line without an end is not kept, and the next one is read", (t) => {
  const lines = new PointLines(() => 1_000);
  const chunk = Buffer.alloc(64 * 1024, "x");
  const found = [...lines.take(Buffer.from('{"a": 1}\n'))];
  for (let count = 0; count < 20; count++) found.push(...lines.take(chunk));
  found.push(...lines.take(Buffer.from('\n{"a": 2}\n')));
  t.deepEqual(
    found.map(({ points, faults }) => points[0]?.value ?? faults[0]),
    [1, "Line 2 has more than 256 Ki characters.", 2],
  );
});

test("whole numbers of JSON that a double would round are read as they are", (t) => {
  const lines = new PointLines(() => 1_000);
  const json = [
    '{"step": 9007199254740993, "a": 1, "timestamp": 9007199254740995}',
    '{"step":-9223372036854775808,"step 9007199254740993":0.12345678901234567}',
    '{"step": 9223372036854775808, "a": 1}',
    '{"a": 12345678901234567890, "b\\"": 1e-16}',
  ];
  const found = [...lines.take(Buffer.from(`${json.join("\n")}\n`))];
  t.deepEqual(
    found.map(({ points, faults }) => [
      ...points.map(({ key, step, timestampMs, value }) => [key, step, timestampMs, value]),
      ...faults,
    ]),
    [
      [["a", 9_007_199_254_740_993n, 9_007_199_254_740_995n, 1]],
      [["step 9007199254740993", -(2n ** 63n), 1_000n, Number("0.12345678901234567")]],
      ["Line 3 has a step that is no whole number from -2^63 to 2^63-1."],
      [
        ["a", 0n, 1_000n, Number("12345678901234567890")],
        ['b"', 0n, 1_000n, 1e-16],
      ],
    ],
  );
});
