/** The page: a head with the views, and the view that the address names. */
import { useEffect, useState } from "preact/hooks";
import type { Connection } from "./api/rpc.js";
import { CurvesView } from "./curves/curves-view.js";
import { DaemonView } from "./daemon/daemon-view.js";
import { DiffView } from "./runs/diff-view.js";
import { RunsView } from "./runs/runs-view.js";
import { useRoute } from "./route/use-route.js";

type Theme = "auto" | "light" | "dark";
const THEMES: readonly Theme[] = ["auto", "light", "dark"];
const KEPT_THEME = "stepwell-theme";

export function App() {
  const [route, go] = useRoute();
  const [connection, setConnection] = useState<Connection>("open");
  const [theme, setTheme] = useState<Theme>(keptTheme);
  useEffect(() => {
    document.documentElement.dataset["theme"] = theme;
    localStorage.setItem(KEPT_THEME, theme);
  }, [theme]);
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "auto";
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
          {tab("runs", "Runs")}
          {route.view === "curves" && tab("curves", "Curves")}
          {route.view === "diff" && tab("diff", "Compare")}
          {tab("daemon", "Daemon")}
        </nav>
        <span role="status" class="connection">
          {connection === "lost" ? "The daemon is away; this page waits for it." : ""}
        </span>
        <button type="button" class="icon" onClick={() => setTheme(next)} title="Light or dark">
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

function keptTheme(): Theme {
  const kept = localStorage.getItem(KEPT_THEME) as Theme | null;
  return kept && THEMES.includes(kept) ? kept : "auto";
}
