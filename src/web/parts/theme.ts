/** Light or dark: as the system has it, or as the reader chose. */

export type Theme = "auto" | "light" | "dark";
const THEMES: readonly Theme[] = ["auto", "light", "dark"];
const KEPT = "stepwell-theme";

export function keptTheme(): Theme {
  const kept = storage((store) => store.getItem(KEPT)) as Theme | null | undefined;
  return kept && THEMES.includes(kept) ? kept : "auto";
}

export function setTheme(theme: Theme): void {
  document.documentElement.dataset["theme"] = theme;
  storage((store) => store.setItem(KEPT, theme));
}

/** A browser that lets pages keep nothing throws where it is asked. */
function storage<Answer>(ask: (store: Storage) => Answer): Answer | undefined {
  try {
    return ask(localStorage);
  } catch {
    return undefined;
  }
}

export function themeAfter(theme: Theme): Theme {
  return THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "auto";
}

/** Calls back when colors change, until the answer is called. */
export function onTheme(changed: () => void): () => void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  // Paper is white: a plot is drawn for it.
  const paper = matchMedia("print");
  const chosen = new MutationObserver(changed);
  chosen.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  system.addEventListener("change", changed);
  paper.addEventListener("change", changed);
  return () => {
    chosen.disconnect();
    system.removeEventListener("change", changed);
    paper.removeEventListener("change", changed);
  };
}
