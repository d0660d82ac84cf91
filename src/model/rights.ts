/** Who sends a pack through a relay, as far as the backend has to hold it against what is there. */
export interface Rights {
  /** What a home is bound to from its first pack on. */
  readonly identity: string;
  /** Whether there is anything that it may not write. */
  readonly isBounded: boolean;
  /** Whether runs of the experiment may be written to. */
  mayWrite(experimentName: string, workspace: string): boolean;
  /** In messages. */
  readonly tenant: string;
}

/** MLflow's name for what is outside any workspace. */
export const DEFAULT_WORKSPACE = "default";
