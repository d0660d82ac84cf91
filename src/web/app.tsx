/** The page: a head with the views, and the view that the address names. */
import { useEffect, useState } from "preact/hooks";
import type { Connection } from "./api/rpc.js";
import { CurvesView } from "./curves/curves-view.js";
import { DaemonView } from "./daemon/daemon-view.js";
import { keptTheme, setTheme, themeAfter } from "./parts/theme.js";
import { useRoute } from "./route/use-route.js";
import { DiffView } from "./runs/diff-view.js";
import { RunsView } from "./runs/runs-view.js";

const WORDS = { runs: "Runs", curves: "Curves", diff: "Compare", daemon: "Daemon" } as const;

export function App() {
  const [route, go] = useRoute();
  const [connection, setConnection] = useState<Connection>("open");
  const [theme, choose] = useState(keptTheme);
  useEffect(() => setTheme(theme), [theme]);
  useEffect(() => {
    // Tabs, bookmarks and readers of screens are told apart by it.
    const one = route.view === "curves" && route.one !== "" ? `${route.one} – ` : "";
    document.title = `${one}${WORDS[route.view]} – Stepwell`;
  }, [route]);
  const tab = (view: string, word: string) => (
    <a href={`#/${view}`} aria-current={route.view === view ? "page" : undefined}>
      {word}
    </a>
  );
  return (
    <>
      <header class="head">
        <a class="brand" href="#/runs">
          Stepwell
        </a>
        <nav aria-label="Views">
          {tab("runs", WORDS.runs)}
          {route.view === "curves" && tab("curves", WORDS.curves)}
          {route.view === "diff" && tab("diff", WORDS.diff)}
          {tab("daemon", WORDS.daemon)}
        </nav>
        <span role="status" class="connection">
          {connection === "lost" ? "The daemon is away; this page waits for it." : ""}
        </span>
        <button
          type="button"
          class="icon"
          onClick={() => choose(themeAfter(theme))}
          title="Light or dark"
          aria-label={`Light or dark: ${theme}`}
        >
          {theme}
        </button>
      </header>
      {route.view === "runs" && <RunsView {...{ route, go, stands: setConnection }} />}
      {route.view === "curves" && <CurvesView {...{ route, go, stands: setConnection }} />}
      {route.view === "diff" && <DiffView {...{ route, go }} />}
      {route.view === "daemon" && <DaemonView stands={setConnection} />}
    </>
  );
}
