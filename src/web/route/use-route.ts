import { useEffect, useState } from "preact/hooks";
import { hashOf, type Route, readRoute } from "./route.js";

/** The route of the address, and a way to another: a change of a view's settings leaves no step to go back to. */
export function useRoute(): readonly [Route, (to: Route) => void] {
  const [route, setRoute] = useState(() => readRoute(location.hash));
  useEffect(() => {
    const read = () => setRoute(readRoute(location.hash));
    addEventListener("hashchange", read);
    return () => removeEventListener("hashchange", read);
  }, []);
  const go = (to: Route) => {
    const hash = hashOf(to);
    if (to.view === route.view) {
      history.replaceState(null, "", hash);
      setRoute(to);
    } else location.hash = hash;
  };
  return [route, go];
}
