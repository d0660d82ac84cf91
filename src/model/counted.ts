/** A number with what is counted, as people say it: counted(1, "segment"), counted(2, "entry is kept", "entries are kept"). */
export function counted(count: number | bigint, one: string, many = `${one}s`): string {
  return `${count} ${Number(count) === 1 ? one : many}`;
}
