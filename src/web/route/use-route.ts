import { useEffect, useState } from "preact/hooks";
import { hashOf, type Route, readRoute } from "./route.js";

/**
 * The route of the address, and a way to another. Another view is a step to go back from, and so is one curve shown large; a
 * change of a view's settings is none.
 */
export function useRoute(): readonly [Route, (to: Route) => void] {
  const [route, setRoute] = useState(() => readRoute(location.hash));
  useEffect(() => {
    const read = () => setRoute(readRoute(location.hash));
    addEventListener("hashchange", read);
    return () => removeEventListener("hashchange", read);
  }, []);
  const go = (to: Route) => {
    const hash = hashOf(to);
    const oneOf = (each: Route) => (each.view === "curves" ? each.one : "");
    if (to.view === route.view && oneOf(to) === oneOf(route)) {
      history.replaceState(null, "", hash);
      setRoute(to);
    } else location.hash = hash;
  };
  return [route, go];
}
