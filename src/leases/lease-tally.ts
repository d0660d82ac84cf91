/** What became of leases since the daemon began: plain numbers, for whoever exports them. */
export class LeaseTally {
  /** Leases of processes that vanished without a word. */
  lost = 0;
}
