/** The reference of the command, from the program itself: each page of help. */
import { loadSource } from "./load-source.mjs";

const WIDTH = 100;

/** A heading for each command, with its help as the terminal shows it. */
export async function listCommands() {
  const { makeProgram } = await loadSource("src/cli/program.ts");
  const nothing = () => undefined;
  const context = { env: {}, paths: {}, program: ["stepwell"], stdout: nothing, stderr: nothing };
  const pages = [];
  const visit = (command, names) => {
    const words = [...names, command.name()];
    command.configureHelp({ helpWidth: WIDTH });
    let text = "";
    command.configureOutput({
      writeOut: (said) => {
        text += said;
      },
      getOutHelpWidth: () => WIDTH,
      getOutHasColors: () => false,
    });
    command.outputHelp();
    pages.push(
      `${"#".repeat(Math.min(words.length + 1, 3))} ${words.join(" ")}\n\n\`\`\`text\n${text.trim()}\n\`\`\``,
    );
    for (const each of command.commands) visit(each, words);
  };
  visit(
    makeProgram(context, () => async () => undefined),
    [],
  );
  if (pages.length < 30) throw new Error(`only ${pages.length} commands were found`);
  return pages.join("\n\n");
}
