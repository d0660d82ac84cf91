/** Params are refused when they change, however much of them memory holds. */
import test, { type ExecutionContext } from "ava";
import { ParamBook } from "../../src/runs/param-book.js";
import type { Store } from "../../src/store/contract.js";
import { openStore } from "../../src/store/store.js";
import { scratchFolder } from "../support/folder.js";

async function setUp(t: ExecutionContext) {
  const store = await openStore(await scratchFolder(t));
  t.teardown(() => store.close());
  let reads = 0;
  const counted = Object.create(store) as Store;
  counted.get = async (table, key) => {
    reads += 1;
    return await store.get(table, key);
  };
  const book = new ParamBook(counted, 10);
  const log = async (run: number, isNew: boolean, ...params: { key: string; value: string }[]) => {
    const keys = params.map(({ key }) => key);
    const known = await book.known(run, keys, isNew);
    const taken = params.filter(({ key, value }) => known.mayHave(key, value));
    await store.write(known.rowsOf(taken), { sync: false });
    book.keep(run, taken, isNew);
    return taken.length;
  };
  return { log, book, reads: () => reads };
}

const param = (index: number, value = "v") => ({ key: `p${index}`, value });

test("a changed param is refused in memory and, beyond what memory holds, by the store", async (t) => {
  const { log, reads } = await setUp(t);
  t.is(await log(1, true, param(0), param(1)), 2);
  t.is(await log(1, false, param(0), param(1, "other")), 1);
  t.is(reads(), 0, "a run that began here is in memory");
  for (let index = 2; index < 30; index++) t.is(await log(1, false, param(index)), 1);
  t.true(reads() > 0, "it has become too large");
  t.is(await log(1, false, param(0, "other"), param(29, "other"), param(30)), 1);
  t.is(await log(1, false, param(0), param(29), param(30)), 3);
});

test("another run's params do not count, and a run that is forgotten is read again", async (t) => {
  const { log, book } = await setUp(t);
  t.is(await log(1, true, param(0)), 1);
  t.is(await log(11, true, param(0, "other")), 1);
  book.forget(1);
  t.is(await log(1, false, param(0, "other")), 0);
});
