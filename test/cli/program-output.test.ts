/** What `script` writes around a program's output is not the program's. */
import test from "ava";
import { withoutScript } from "../../src/cli/commands/program-output.js";

const without = (text: string) => withoutScript(Buffer.from(text)).toString();

test("the lines of script are taken away in any language, and no other ones", (t) => {
  const begins = [
    'Script started on 2026-11-30 12:00:00+00:00 [TERM="xterm" TTY="/dev/pts/1" COLUMNS="80" LINES="24"]\n',
    'Skript gestartet am 2026-11-30 12:00:00+00:00 [TERM="xterm" TTY="/dev/pts/1" COLUMNS="80" LINES="24"]\n',
    "Le script a débuté sur 2026-11-30 12:00:00+00:00 [<not executed on terminal>]\n",
  ];
  const ends = [
    '\nScript done on 2026-11-30 12:00:01+00:00 [COMMAND_EXIT_CODE="0"]\n',
    '\nSkript beendet am 2026-11-30 12:00:01+00:00 [COMMAND_EXIT_CODE="143"]\n',
  ];
  for (const begin of begins)
    for (const end of ends) t.is(without(`${begin}a\nb [x]\né\n${end}`), "a\nb [x]\né\n");
  // One that was killed wrote no last line.
  t.is(without(`${begins[1]}half`), "half");
  t.is(without("Epoch 1 [1/10]\nEpoch 2 [2/10]\n"), "Epoch 1 [1/10]\nEpoch 2 [2/10]\n");
});
