import { readdirSync, rmSync } from "node:fs";
import { salvageStore } from "../../src/store/salvage-store.js";
import { openStore } from "../../src/store/store.js";
import { TABLES } from "../../src/store/tables.js";
import { fill, testWithVolumes, volume } from "../support/volume.js";

testWithVolumes()(
  "what a full disk refused is absent, and what was answered before and after it is there",
  async (t) => {
    const folder = await volume(t, 24_000);
    const store = await openStore(`${folder}/state`);
    const answered: string[] = [];
    const codes = new Set<string>();
    const write = async (key: string) => {
      try {
        await store.write([{ table: TABLES.component, key, value: "x".repeat(700) }], { sync: true });
        answered.push(key);
      } catch (error) {
        codes.add((error as { code: string }).code);
      }
    };
    for (let index = 0; index < 20; index++) await write(`before${index}`);
    fill(folder);
    await Promise.all(Array.from({ length: 30 }, (_, index) => write(`during${index}`)));
    t.deepEqual([...codes], ["STEPWELL_DISK_FULL"]);
    t.is((await store.list(TABLES.component)).length, answered.length, "it can be read meanwhile");
    rmSync(`${folder}/fill`);
    await Promise.all(Array.from({ length: 20 }, (_, index) => write(`after${index}`)));
    t.is(answered.filter((key) => key.startsWith("after")).length, 20);
    await store.close();
    const again = await openStore(`${folder}/state`);
    const found = (await again.list(TABLES.component)).map(({ key }) => key);
    await again.close();
    t.deepEqual(found, [...answered].sort());
  },
);

testWithVolumes()(
  "a damaged store stays as it is until there is room for what can be read of it",
  async (t) => {
    const folder = await volume(t, 24_000);
    const state = `${folder}/state`;
    const store = await openStore(state);
    await store.write([{ table: TABLES.component, key: "a", value: "x".repeat(700) }], { sync: true });
    await store.close();
    rmSync(`${state}/CURRENT`);
    const before = readdirSync(state);
    const salvage = () => salvageStore(state, undefined, async () => undefined);
    fill(folder);
    await t.throwsAsync(openStore(state), { code: "STEPWELL_DISK_FULL" });
    await t.throwsAsync(salvage(), { code: "STEPWELL_DISK_FULL" });
    t.deepEqual(readdirSync(state), before);
    t.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith("state")),
      ["state"],
    );
    rmSync(`${folder}/fill`);
    await salvage();
    const again = await openStore(state);
    t.is((await again.list(TABLES.component)).length, 1);
    await again.close();
  },
);
