/**
 * The key table of the state store: everything that is not the log. A key is
 * TABLE/NAME; values are JSON. A change of any value's form needs a migration.
 */
export const TABLES = {
  /** schema, home_id, keychain_id, history. */
  meta: "meta",
  /** Components by id. */
  component: "component",
  /** Stacks by id. */
  stack: "stack",
  /** Secrets by id: their names, keys and where their values are, never a value. */
  secret: "secret",
  /** Items of a keychain or vault that no secret needs, or not yet, by item: they are to go. */
  secretItem: "secret-item",
  /** "backend": where new secrets are kept; "place": where the home lay, and items that a copy of it has, too. */
  secretBackend: "secret-backend",
  /** "stack": the active stack's id. */
  active: "active",
  /** Runs that go on or that a backend still waits for, with their lanes' cursors, by run id. */
  run: "run",
  /** Runs that ended and that every backend has in full, by run id. */
  archivedRun: "archived-run",
  /** Ids that backends gave to runs, by run id and tracker id. */
  backendRun: "backend-run",
  /** Our ids of runs, by the ids that servers gave them. */
  runAlias: "run-alias",
  /** Ids that servers gave to logged models which the daemon began, by our id of the model and tracker id. */
  backendModel: "backend-model",
  /** Our ids of those models, by the ids that servers gave them. */
  modelAlias: "model-alias",
  /** What is remembered of stores that runs were delivered to, by backend. */
  storeMark: "store-mark",
  /** Digests of params by run number and key: a changed param is refused. */
  param: "param",
  /** What is known of producers beyond the journal's marks, by producer id. */
  producer: "producer",
  /** Entries that a backend refused for good, by a rising number. */
  deadLetter: "dead-letter",
  /** How far runs were delivered when a journal segment was found damaged, by the segment's name. */
  damage: "damage",
  /** Salvages of this store that nobody took note of yet, by the name of the folder that holds the damaged one. */
  salvage: "salvage",
  /** "segments": the numbers of the segments that the journal has. */
  journal: "journal",
  /** Who holds which run that a process began by itself, by run id. */
  lease: "lease",
  /** Pipeline runs with their steps, by the pipeline run's id. */
  pipelineRun: "pipeline-run",
  /** Pipeline runs that go on, or have a lost step that may come back: true, by the pipeline run's id. */
  livePipelineRun: "live-pipeline-run",
  /** A pipeline's last run, by the pipeline's name. */
  pipeline: "pipeline",
  /** Passes of the gateway, by a hash of the pass. */
  gatewayPass: "gateway-pass",
  /** "port": where the gateway listened last. */
  gateway: "gateway",
  /** Experiments that programs asked for through the gateway, as their tracker showed them, by tracker's id and experiment's id. */
  gatewayExperiment: "gateway-experiment",
  /** Their ids, by tracker's id and experiment's name. */
  gatewayExperimentId: "gateway-experiment-id",
  /** What trackers' servers said of themselves last, by tracker's id and path. */
  gatewayAnswer: "gateway-answer",
  /** Logged models as their tracker showed them, with what was journaled since, by tracker's id and model's id. */
  gatewayModel: "gateway-model",
  /** What of a run was given away in bundles for a tracker, by run id and tracker id. */
  exported: "exported",
  /** How far bundles of other homes were delivered here, by home id, run id and tracker id. */
  imported: "imported",
  /** Sums since the home was made, by name. */
  counter: "counter",
} as const;

export type Table = (typeof TABLES)[keyof typeof TABLES];
