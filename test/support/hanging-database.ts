/** A database in which SQLite hangs in a system call, as on a disk that answers nothing. */
import { execFileSync } from "node:child_process";
import { closeSync, existsSync, openSync, readSync, statSync, writeFileSync } from "node:fs";

const MAGIC = Buffer.from("d9d505f920a163d7", "hex");
const SECTOR_BYTES = 512;

/**
 * The next process that takes up a database waits for ever, once. It finds the journal of a transaction over
 * several files (fileformat.html 3) that changed nothing. Before it removes that it reads the file that lists
 * all such journals, which is a pipe that nobody writes into.
 */
export function hangWhoOpens(database: string): void {
  const list = `${database}-mj00000000`;
  if (!existsSync(list)) execFileSync("mkfifo", [list]);
  const pageBytes = pageBytesOf(database);
  const name = Buffer.from(list);
  const head = Buffer.alloc(SECTOR_BYTES);
  MAGIC.copy(head);
  // No page of it changed; of so many pages it is.
  writeNumbers(head, 12, 1, statSync(database).size / pageBytes, SECTOR_BYTES, pageBytes);
  const lockPage = Buffer.alloc(4);
  lockPage.writeUInt32BE(2 ** 30 / pageBytes + 1);
  const tail = Buffer.alloc(8);
  writeNumbers(
    tail,
    0,
    name.length,
    name.reduce((sum, byte) => sum + byte, 0),
  );
  writeFileSync(`${database}-journal`, Buffer.concat([head, lockPage, name, tail, MAGIC]));
}

function writeNumbers(bytes: Buffer, at: number, ...numbers: number[]): void {
  for (const [index, number] of numbers.entries()) bytes.writeUInt32BE(number, at + 4 * index);
}

function pageBytesOf(database: string): number {
  const file = openSync(database, "r");
  try {
    const bytes = Buffer.alloc(2);
    readSync(file, bytes, 0, 2, 16);
    return bytes.readUInt16BE();
  } finally {
    closeSync(file);
  }
}
