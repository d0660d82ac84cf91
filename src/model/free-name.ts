/** The name, or the first of NAME-2, NAME-3 and so on that is not taken. */
export function freeName(name: string, isTaken: (name: string) => boolean, joint = "-"): string {
  let free = name;
  for (let number = 2; isTaken(free); number++) free = `${name}${joint}${number}`;
  return free;
}
