/** The contract as a Java class. */

export function javaClass({ limits, errors }) {
  const parts = [
    "// Made from src/ by npm run generate.",
    "package io.stepwell;\n",
    "import java.util.Set;\n",
    "/** What all clients have in common. */\nfinal class Contract {",
  ];
  for (const [name, { value, meaning }] of Object.entries(limits)) {
    const type = /_MS(_|$)/.test(name) ? "long" : "int";
    const [shown, suffix] = Array.isArray(value) ? [`{${value.join(", ")}}`, "[]"] : [String(value), ""];
    parts.push(`    /** ${javadoc(meaning)} */\n    static final ${type}${suffix} ${name} = ${shown};\n`);
  }
  for (const [name, { meaning, codes }] of Object.entries(errors.sets)) {
    const listed = codes.map((code) => `            "${code}"`).join(",\n");
    parts.push(
      `    /** ${javadoc(meaning)} */\n    static final Set<String> ${name} = Set.of(\n${listed});\n`,
    );
  }
  parts.push(
    "    private Contract() {}\n",
    "    /** What to do about a code that a client gives by itself; of others it is empty. */",
    "    static String remedyOf(String code) {\n        switch (code) {",
  );
  for (const [code, { remedy }] of Object.entries(errors.codes))
    parts.push(`            case "${code}":\n                return ${JSON.stringify(remedy)};`);
  parts.push('            default:\n                return "";\n        }\n    }\n}');
  return `${parts.join("\n")}\n`;
}

function javadoc(text) {
  return text.replace(/`([^`]*)`/g, "{@code $1}");
}
