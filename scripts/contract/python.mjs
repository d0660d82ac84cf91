/** The contract as a Python module. Times are seconds there. */

export function pythonModule({ limits, errors }) {
  const lines = ['"""What all clients have in common. Made from src/ by npm run generate."""', ""];
  for (const [name, { value, meaning }] of Object.entries(limits))
    lines.push(`# ${meaning}`, `${pythonName(name)} = ${pythonValue(name, value)}`);
  lines.push("", "# What to do about each code that a client gives by itself.", "REMEDIES = {");
  for (const [code, { remedy }] of Object.entries(errors.codes))
    lines.push(`    "${code}": ${JSON.stringify(remedy)},`);
  lines.push("}");
  for (const [name, { meaning, codes }] of Object.entries(errors.sets))
    lines.push(
      "",
      `# ${meaning}`,
      `${name} = frozenset((${codes.map((code) => JSON.stringify(code)).join(", ")}))`,
    );
  return `${lines.join("\n")}\n`;
}

/** FLUSH_WAIT_MS is FLUSH_SECONDS, RECONNECT_WAIT_MS_MAX is RECONNECT_SECONDS_MAX. */
function pythonName(name) {
  return name.replace(/(_WAIT)?_MS(?=_|$)/, "_SECONDS");
}

function pythonValue(name, value) {
  if (Array.isArray(value)) return `(${value.map((one) => pythonValue(name, one)).join(", ")})`;
  if (!/_MS(_|$)/.test(name)) return String(value);
  const seconds = value / 1000;
  return Number.isInteger(seconds) ? `${seconds}.0` : String(seconds);
}
