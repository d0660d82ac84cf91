/** The contract as a TypeScript module. */

export function typescriptModule({ limits, errors }) {
  const parts = ["/** What all clients have in common. Made from src/ by npm run generate. */\n"];
  for (const [name, { value, meaning }] of Object.entries(limits)) {
    const type = Array.isArray(value) ? ": readonly number[]" : "";
    parts.push(`/** ${meaning} */\nexport const ${name}${type} = ${JSON.stringify(value)};`);
  }
  const remedies = Object.entries(errors.codes).map(([code, { remedy }]) => [code, remedy]);
  parts.push(
    "/** What to do about each code that a client gives by itself. */",
    `export const REMEDIES = ${JSON.stringify(Object.fromEntries(remedies))} as const;`,
  );
  for (const [name, { meaning, codes }] of Object.entries(errors.sets)) {
    parts.push(
      `/** ${meaning} */\nexport const ${name}: ReadonlySet<string> = new Set(${JSON.stringify(codes)});`,
    );
  }
  return `${parts.join("\n")}\n`;
}
