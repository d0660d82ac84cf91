/** Names in the journal's folder: a segment's is its number in eight digits; an ending says what became of it. */

/** The name of a segment's folder. */
export function segmentName(number: number): string {
  return String(number).padStart(8, "0");
}

export function isSegmentName(name: string): boolean {
  return /^\d{8}$/.test(name);
}

/** Whether a name is that of a segment that was delivered and stays for a while. */
export function isKeptName(name: string): boolean {
  return /^\d{8}\.kept$/.test(name);
}

/** Whether a name is that of a file that stands for a segment that is gone. */
export function isMissingName(name: string): boolean {
  return /^\d{8}\.missing$/.test(name);
}

/** Whether a name is that of a damaged segment that was set aside. */
export function isDamagedName(name: string): boolean {
  return /^\d{8}\.damaged(-\d+)?$/.test(name);
}
