import type { CallFault } from "../api/rpc.js";

/** What went wrong, and what to do. */
export function Fault({ fault }: { readonly fault: CallFault | undefined }) {
  if (!fault) return null;
  return (
    <p class="fault" role="alert">
      <strong>{fault.message}</strong> {fault.remedy} {fault.code !== "" && <code>{fault.code}</code>}
    </p>
  );
}
