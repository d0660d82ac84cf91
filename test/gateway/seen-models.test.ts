import test from "ava";
import { SeenModels } from "../../src/gateway/seen-models.js";
import { openStore } from "../../src/store/store.js";
import { scratchFolder } from "../support/folder.js";

const BACKEND = { kind: "sqlite", databasePath: "/a.db", artifactRoot: "/a" } as const;
const TARGET = { trackerId: "t1", tracker: "one", backend: BACKEND };
const MODEL = `m-${"a".repeat(32)}`;

test("changes of one model that come at once are all seen, also by the next daemon", async (t) => {
  const store = await openStore(await scratchFolder(t));
  t.teardown(() => store.close());
  const ids = { ownId: async (id: string) => id, idAt: async () => undefined };
  const seen = await SeenModels.open(store, ids);
  await seen.begin(TARGET, MODEL, "r".repeat(32), { info: { model_id: MODEL, tags: [] } });
  const tags = Array.from({ length: 10 }, (_, index) => ({ key: `tag ${index}`, value: "x" }));
  await Promise.all(tags.map((tag) => seen.change(TARGET, MODEL, { tags: [tag] }, 5)));
  await Promise.all([
    seen.remove(TARGET, MODEL),
    seen.change(TARGET, MODEL, { params: [{ key: "p", value: "1" }] }, 6),
  ]);
  for (const each of [seen, await SeenModels.open(store, ids)])
    t.like(await each.find(TARGET, MODEL), {
      isDeleted: true,
      shown: { info: { tags }, data: { params: [{ key: "p", value: "1" }] } },
    });
});
