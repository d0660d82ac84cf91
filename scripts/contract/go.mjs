/** The contract as a Go package. Times are of type time.Duration. */

export function goModule({ limits, errors }) {
  const parts = [
    "// Code generated from src/ by npm run generate. DO NOT EDIT.\n",
    "// Package contract has what all clients have in common.",
    'package contract\n\nimport "time"\n',
  ];
  for (const [name, { value, meaning }] of Object.entries(limits)) {
    const isTime = /_MS(_|$)/.test(name);
    const one = (number) => (isTime ? `${number} * time.Millisecond` : String(number));
    const declared = Array.isArray(value)
      ? `var ${goName(name)} = []${isTime ? "time.Duration" : "int"}{${value.map(one).join(", ")}}`
      : `const ${goName(name)} = ${one(value)}`;
    parts.push(`// ${goName(name)}: ${meaning}\n${declared}\n`);
  }
  const remedies = Object.entries(errors.codes);
  parts.push(
    "// Remedy says what to do about a code that a client gives by itself; of others it is empty.",
    "func Remedy(code string) string {\n\tswitch code {",
    ...remedies.map(([code, { remedy }]) => `\tcase "${code}":\n\t\treturn ${JSON.stringify(remedy)}`),
    '\t}\n\treturn ""\n}',
  );
  for (const [name, { meaning, codes }] of Object.entries(errors.sets)) {
    const cases = codes.map((code) => `"${code}"`).join(", ");
    const called = `Is${goName(name.replace(/S$/, ""))}`;
    parts.push(
      `\n// ${called}: ${meaning}\nfunc ${called}(code string) bool {`,
      `\tswitch code {\n\tcase ${cases}:\n\t\treturn true\n\t}\n\treturn false\n}`,
    );
  }
  return `${parts.join("\n")}\n`;
}

/** FLUSH_WAIT_MS is FlushWait: a Duration has its unit in its type. */
function goName(name) {
  return name
    .replace(/_MS(?=_|$)/, "")
    .toLowerCase()
    .replace(/(^|_)([a-z])/g, (_, __, letter) => letter.toUpperCase())
    .replace(/Id(?=[A-Z]|$)/g, "ID");
}
