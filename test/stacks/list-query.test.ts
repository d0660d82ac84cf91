import test from "ava";
import { type Fields, type Filter, type ListQuery, pageOf } from "../../src/stacks/list-query.js";

interface Item {
  readonly name: string;
  readonly parts: readonly string[];
  readonly createdMs: number;
  readonly labels: Readonly<Record<string, string>>;
}

const FIELDS: Fields<Item> = {
  name: { kind: "texts", of: ({ name }) => [name] },
  part: { kind: "texts", of: ({ parts }) => parts },
  created: { kind: "time", of: ({ createdMs }) => createdMs },
};

const ITEMS: readonly Item[] = [
  { name: "a1", parts: ["x", "y"], createdMs: Date.UTC(2026, 0, 1), labels: { env: "prod" } },
  { name: "a2", parts: [], createdMs: Date.UTC(2026, 0, 2, 12), labels: {} },
  { name: "b1", parts: ["y"], createdMs: Date.UTC(2026, 0, 3), labels: { env: "test", team: "t" } },
];

const ALL: ListQuery = { filters: [], anyFilter: false, sortBy: "", descending: false, offset: 0, limit: 0 };
const filter = (text: string): Filter => {
  const [field = "", operator, value = ""] = text.split("|");
  return { field, operator: operator as Filter["operator"], value };
};
const names = (query: Partial<ListQuery>) =>
  pageOf(ITEMS, FIELDS, { ...ALL, ...query }).items.map(({ name }) => name);

for (const [text, wanted] of [
  ["name|equals|a1", "a1"],
  ["name|notequals|a1", "a2 b1"],
  ["name|contains|1", "a1 b1"],
  ["name|startswith|a", "a1 a2"],
  ["name|endswith|2", "a2"],
  ["name|oneof|b1, a2,c", "a2 b1"],
  ["name|gt|a1", "a2 b1"],
  ["name|gte|a2", "a2 b1"],
  ["name|lt|a2", "a1"],
  ["name|lte|a2", "a1 a2"],
  ["part|equals|y", "a1 b1"],
  ["part|notequals|y", "a2"],
  ["created|gte|2026-01-02", "a2 b1"],
  ["created|lt|2026-01-02 12:00:00", "a1"],
  ["created|equals|2026-01-02T13:00+01:00", "a2"],
  ["created|notequals|2026-01-03", "a1 a2"],
  ["created|gt|2026-01-02 11:59:59.999Z", "a2 b1"],
  ["created|lte|1767225600000", "a1"],
  ["label.env|equals|prod", "a1"],
  ["label.env|contains|t", "b1"],
  ["label.none|notequals|x", "a1 a2 b1"],
] as const) {
  test(`a filter: ${text}`, (t) => {
    t.is(names({ filters: [filter(text)] }).join(" "), wanted);
  });
}

test("all filters have to hold, or one where that is asked for", (t) => {
  const filters = [filter("name|startswith|a"), filter("part|equals|y")];
  t.deepEqual(names({ filters }), ["a1"]);
  t.deepEqual(names({ filters, anyFilter: true }), ["a1", "a2", "b1"]);
  t.deepEqual(names({ anyFilter: true }), ["a1", "a2", "b1"], "no filter lets all through");
});

test("a list is sorted by any field, both ways, and cut into pages with the number of all", (t) => {
  t.deepEqual(names({ sortBy: "created", descending: true }), ["b1", "a2", "a1"]);
  t.deepEqual(names({ sortBy: "part" }), ["a2", "a1", "b1"]);
  t.deepEqual(names({ descending: true }), ["b1", "a2", "a1"]);
  const page = pageOf(ITEMS, FIELDS, { ...ALL, filters: [filter("name|contains|1")], offset: 1, limit: 1 });
  t.deepEqual(
    page.items.map(({ name }) => name),
    ["b1"],
  );
  t.is(page.total, 2);
  t.deepEqual(names({ offset: 5, limit: 5 }), []);
});

for (const [query, sentence] of [
  [{ filters: [filter("nam|equals|x")] }, /no field "nam".*Did you mean "name"/],
  [{ sortBy: "nothing" }, /no field "nothing"/],
  [{ filters: [filter("created|gte|yesterday")] }, /"yesterday" is no time/],
  [{ filters: [filter("created|contains|2026-01-01")] }, /can't be held .* by contains/],
] as const) {
  test(`a list is refused: ${String(sentence)}`, (t) => {
    const error = t.throws(() => names(query), { message: sentence });
    t.like(error, { code: "STEPWELL_FILTER_INVALID" });
  });
}
