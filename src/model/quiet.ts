/** Whether STEPWELL_QUIET asks for silence: what runs say of themselves is left out. Any word but a no is a yes. */
export function isQuiet(value: string | undefined): boolean {
  return !["", "0", "false", "no", "off"].includes((value ?? "").trim().toLowerCase());
}
