/**
 * Every bound of the system, with its unit last and the source of its number.
 *
 * MLflow's own limits are measured in Unicode code points, never in UTF-16
 * units: a JavaScript `.length` would refuse names that MLflow accepts.
 */

/** Longest metric, param or tag key, in code points (mlflow/utils/validation.py). */
export const KEY_CODE_POINTS_MAX = 250;
/** Numbers of runs that are left out after a salvage of the state store: more than were given out since any of it was written. */
export const RUN_NUMBERS_SKIPPED = 1_000_000;
/** Longest id of a logged model, in characters (mlflow/store/tracking/dbmodels/models.py). */
export const MODEL_ID_CHARACTERS_MAX = 36;
/** Longest param value, in code points. MLflow would cut a longer one silently; Stepwell refuses it. */
export const PARAM_VALUE_CODE_POINTS_MAX = 6000;
/** Longest run tag value, in code points. MLflow would cut a longer one silently; Stepwell refuses it. */
export const TAG_VALUE_CODE_POINTS_MAX = 8000;
/** Longest name and digest of a dataset, in code points (mlflow/utils/validation.py). */
export const DATASET_NAME_CODE_POINTS_MAX = 500;
export const DATASET_DIGEST_CODE_POINTS_MAX = 36;
/** Longest experiment name, in code points. */
export const EXPERIMENT_NAME_CODE_POINTS_MAX = 500;

/** Metric points in one journal record: what one MLflow log-batch takes (mlflow/utils/validation.py). */
export const RECORD_ENTRIES_MAX = 1000;
/** Params, and tags, in one journal record: what one MLflow log-batch takes of each. */
export const RECORD_TEXTS_MAX = 100;
/** Bytes that one read of the journal brings, where that is more than one record: a lane's next request has fewer. */
export const READ_BYTES_MAX = 8 * 1024 * 1024;
/** Largest request on the ingest stream in bytes: gRPC's own default, so that every client can send it. */
export const MESSAGE_BYTES_MAX = 4 * 1024 * 1024;
/** Bytes of batches that one stream may have unacknowledged: enough to fill one fsync group at full speed. */
export const UNACKNOWLEDGED_BYTES_MAX = 8 * 1024 * 1024;
/** Bytes that wait for an fsync, over all streams; above it the daemon stops reading streams. */
export const PENDING_BYTES_MAX = 24 * 1024 * 1024;
/** Batches of one stream, and about how many bytes of them, that are prepared for the journal at the same time: they share an fsync. */
export const PREPARED_BATCHES_MAX = 512;
export const PREPARED_BYTES_MAX = 1024 * 1024;
/** Bytes that all streams together have sent and the journal has not taken: a few whole windows of clients at full speed. */
export const INTAKE_BYTES_MAX = 64 * 1024 * 1024;
/** Above that, streams are still read that have sent no more than this: usual batches pass whatever others do. */
export const INTAKE_SMALL_BYTES = 16 * 1024;
/** And so many that are in the midst of a message: there is always one that can become whole. */
export const INTAKE_READERS = 4;
/** How often it is looked whether one of them keeps others waiting, how long it may stand still then, and take in all. */
export const INTAKE_LOOK_MS = 1_000;
export const MESSAGE_STALL_MS = 5_000;
export const MESSAGE_WHOLE_MS = 20_000;
/** Streams that are open at the same time, of those on one connection, and of those that have not said Hello. */
export const STREAMS_MAX = 4_000;
export const CONNECTION_STREAMS_MAX = 100;
export const GREETING_STREAMS_MAX = 1_000;
/** How long a stream may be open without a Hello: far above what any client takes, which sends it at once. */
export const HELLO_MS_MAX = 30_000;
/** How long a client has to hear how its call ended before its stream is taken from it. */
export const STATUS_SENT_MS = 5_000;
/** Metrics, params and tags in one message: a client's largest batch has fewer, and each takes memory beside its bytes. */
export const BATCH_PARTS_MAX = 128 * 1024;
/** Digests of params that are kept in memory, of all runs together: 20 MB or so. */
export const PARAM_DIGESTS_MAX = 100_000;
/** Refusals of one batch that are told one by one; the others are summed up by kind and reason. */
export const REFUSALS_TOLD_MAX = 100;
/** Bytes written with one fsync. */
export const GROUP_BYTES_MAX = 4 * 1024 * 1024;
/** Bytes of records in one journal segment. */
export const SEGMENT_BYTES_MAX = 24 * 1024 * 1024;
/** LevelDB's memory table in a segment: a third of one, so that a segment is sealed before it needs a compaction. */
export const SEGMENT_WRITE_BUFFER_BYTES = 8 * 1024 * 1024;
/** LevelDB's block cache in a segment: lanes read each record once, so that a cache helps little. */
export const SEGMENT_CACHE_BYTES = 256 * 1024;
/** An active segment with nothing left to deliver is given up above this size, so that the disk comes back. */
export const SEGMENT_DRAINED_BYTES_MAX = 8 * 1024 * 1024;
/** The same while the journal is full: nearly nothing is worth keeping then. */
export const SEGMENT_FULL_BYTES_MAX = 64 * 1024;
/** Sealed segments that are open for reading at the same time; each maps its files. */
export const SEGMENTS_OPEN_MAX = 3;
/** Starts of its daemon that a home remembers: a cursor of an older one counts as another home's, which costs a new id and no entry. */
export const INCARNATIONS_MAX = 4_096;
/** How often the files of stores are looked at, whether somebody replaced them. */
export const STORE_LOOK_MS = 5_000;
/** Runs whose cursors are asked for at a time, and runs in memory at a time that a store forgot something of. */
export const STORE_COMPARED_RUNS = 500;
export const STORE_REVIVED_RUNS_MAX = 2_000;
/** How long a program's run goes nowhere when nothing happens to it: a program imports for a minute before it says where. */
export const OPEN_RUN_WAIT_MS = 120_000;
/** How long entries wait for the start of their run before they are dead letters. */
export const RUN_START_WAIT_MS = 60_000;
/** How long a process that can't be looked at may be without a stream before it counts as gone. */
export const LEASE_RETURN_MS = 60_000;
/** How often the daemon looks whether the processes of runs live. */
export const LEASE_LOOK_MS = 1_000;
/** How often the daemon looks whether its home is there and it can be found in it. */
export const HOME_LOOK_MS = 2_000;
/** How long nothing, or another folder, is at the home's path before the daemon ends: a volume may be away for a moment. */
export const HOME_GONE_MS = 10_000;
/** How long the streams of a process that is gone may take to be read to their end. */
export const LEASE_SETTLE_MS = 5_000;
/** How long `stepwell run` tries to tell the daemon how its program ended before it leaves a note, and in all. */
export const RUN_END_PROMPT_MS = 2_000;
export const RUN_END_WAIT_MS = 20_000;
/** The same where no note can be left: the home is not known. */
export const RUN_END_WITHOUT_NOTE_MS = 120_000;
/** How old a note of an end is when the daemon takes it though the step's process lives: its client has given up by then. */
export const END_NOTE_MS = 60_000;
/** Bytes of such a note: ids, a status and a time. */
export const END_NOTE_BYTES_MAX = 4 * 1024;
/** Runs that the daemon ended and keeps in mind over a restart, in case their processes come back. */
export const ENDED_LEASES_MAX = 10_000;
/** Pipeline runs with a step that was lost that the daemon keeps in mind, in case the step comes back. */
export const LOST_PIPELINE_RUNS_MAX = 1_000;
/** How long a lane gathers entries before it sends a pack that is not full. */
export const FLUSH_LINGER_MS = 200;
/** Runs that go to the archive with one write. */
export const ARCHIVE_RUNS_MAX = 500;
/** First and longest wait before a retry; the wait is drawn at random from 0 to the bound. */
export const RETRY_WAIT_MS_MIN = 250;
export const RETRY_WAIT_MS_MAX = 30_000;
/** Lanes that fail one after the other, for reasons that may be their own, before it is the backend's trouble. */
export const BREAKER_SUSPECTS = 3;
/** How often a backend, or a lane, that is held is asked again. */
export const HOLD_WAIT_MS = 30_000;
/** Bytes of the daemon's log before it begins a new file; one old file is kept. */
export const LOG_FILE_BYTES_MAX = 8 * 1024 * 1024;
/** How long the first SIGTERM lets the lanes drain. */
export const TERM_DRAIN_MS = 5_000;
/** How long streams and calls may take to end once the daemon stops. */
export const CALLS_END_MS = 2_000;
/** How long the daemon's end may take beyond the time to drain: what hangs then is given up, and the process killed. */
export const END_MS_MAX = 15_000;
/** The journal's quota unless the daemon's environment gives another. */
export const JOURNAL_QUOTA_BYTES = 20 * 1024 * 1024 * 1024;
/** The least quota: less would be full with one message. */
export const JOURNAL_QUOTA_BYTES_MIN = 8 * 1024 * 1024;
/** How long, and how much of it, delivered records stay in the journal for a backend that forgets. */
export const REPLAY_WINDOW_MS = 15 * 60_000;
export const REPLAY_WINDOW_BYTES = 256 * 1024 * 1024;
/** The part of a volume, and at most how much of it, that the journal leaves free. */
export const HEADROOM_SHARE = 0.05;
export const HEADROOM_BYTES_MAX = 256 * 1024 * 1024;
/** How old the journal's knowledge of its volume may be while it is written. */
export const ROOM_CHECK_MS = 500;
/** How long a journal that failed waits before it is opened again. */
export const JOURNAL_REOPEN_MS = 1_000;
/** Lanes in a status: some tens of kB, whatever waits. */
export const STATUS_LANES_MAX = 50;
/** Producers that a status names as ended without closing. */
export const ENDED_PRODUCERS_SHOWN = 20;
/** Room that is kept for a full disk: to open the state store takes up to 8 MB, the journal as much. */
export const RESERVE_BYTES = 24 * 1024 * 1024;
/** The reserve is made only where so many times its size is free, and looked after so often. */
export const RESERVE_ROOM_TIMES = 10;
export const RESERVE_FILL_MS = 30_000;
/** Rows that a salvage of the state store writes at a time. */
export const SALVAGE_WRITE_ROWS = 1_000;
/** How often, and how long apart, a store's files are read before bytes that the disk does not give are lost. */
export const READ_TRIES = 4;
export const READ_AGAIN_MS = 1_000;
/** Bytes of dead letters; a lane that would park more is held instead, so that they never fill the disk. */
export const DEAD_LETTERS_BYTES_MAX = 256 * 1024 * 1024;
/** Bytes of a file that gives one option its value, as --key=@FILE: far above any token or address. */
export const VALUE_FILE_BYTES_MAX = 64 * 1024;
/** Bytes of a file that describes a stack: some thousand components. */
export const STACK_FILE_BYTES_MAX = 1024 * 1024;

/** Entries of each kind, and of all, in one MLflow log-batch (mlflow/utils/validation.py). */
export const LOG_BATCH_ENTRIES_MAX = 1000;
export const LOG_BATCH_PARAMS_MAX = 100;
export const LOG_BATCH_TAGS_MAX = 100;
/**
 * Metric points of logged models in one log-batch: with more, MLflow answers 400 to points
 * that it has already (sqlalchemy_store.py _log_model_metrics looks up 100 of them).
 */
export const LOG_BATCH_MODEL_POINTS_MAX = 100;
/** Metric rows that Azure ML takes in one upload (mlflow#11462). */
export const AZURE_ML_ENTRIES_MAX = 250;
/** Bytes of one log-batch: MLflow and Databricks declare 1 MB. */
export const LOG_BATCH_BYTES_MAX = 900_000;
/** Requests under way at one server: each log-batch holds two of a worker's 15 database connections (mlflow#4489). */
export const SERVER_REQUESTS_MAX = 4;
/** The same at a server that is quick: its connections are free again at once, and waiting for answers would be all that is done. */
export const QUICK_SERVER_REQUESTS_MAX = 16;
/** A server is quick when packs take no longer than this. */
export const QUICK_PACK_MS = 100;
/** A request that takes longer than this leaves its place to another: it may hang. */
export const SLOW_REQUEST_MS = 10_000;
/** How long an idle connection is kept: gunicorn closes it under a request after 2 s (uvicorn: 5 s), and we do so before. */
export const KEEP_ALIVE_IDLE_MS = 1_500;
/** How long a connection may take to be made. */
export const CONNECT_MS_MAX = 10_000;
/** How long a server may take for one answer: as long as MLflow's own client waits. */
export const ANSWER_MS_MAX = 120_000;
/** Bytes of a good answer that are read, unless its endpoint needs more: a run with its tags, an experiment, a token. */
export const ANSWER_BYTES_MAX = 1024 * 1024;
/** Bytes of any other answer: its code stands first, and 300 characters of it are shown. */
export const ERROR_BYTES_MAX = 64 * 1024;
/** Answers of the kind 1xx before the one that counts: a server says a few at most. */
export const INTERIM_ANSWERS_MAX = 20;
/** Names that are looked for at the same time: each may take one of libuv's four threads for half a minute. */
export const NAME_LOOKUPS_MAX = 2;
/** Points in one page of a metric's history (Databricks takes 25,000): parsing one must not keep acknowledgements waiting. */
export const HISTORY_PAGE_POINTS = 5_000;
/** Bytes of one point there: numbers and names of fields, and a key of 250 code points, each written as two escapes. */
const HISTORY_POINT_BYTES_MAX = 300 + 12 * KEY_CODE_POINTS_MAX;
/** Bytes of such a page. */
export const HISTORY_BYTES_MAX = HISTORY_PAGE_POINTS * HISTORY_POINT_BYTES_MAX;
/** The longest wait that a server may ask for. */
export const RETRY_AFTER_MS_MAX = 300_000;
/**
 * How long after its answer was lost a request may still be carried out: longer than the 30 s of gunicorn's workers, than
 * a server's waits for its database (30 s for a pool's connection, 20 s for SQLite's lock), and as long as proxies keep a
 * request (nginx and Amazon's balancers: 60 s).
 */
export const LATE_MS = 60_000;
/** How often what may still be carried out is looked for in that time. */
export const LATE_LOOK_MS = 5_000;
/** Answers that may mean a bad entry before the pack is split to find it. */
export const DOUBTFUL_ANSWERS_MAX = 3;
/** Runs whose standing a sink remembers; what is forgotten is read again. */
export const SINK_RUNS_MAX = 10_000;
/** Databricks' documented rates for a workspace, in requests a second. */
export const DATABRICKS_LOG_BATCH_PER_SECOND = 47;
export const DATABRICKS_SEARCH_PER_SECOND = 7;
export const DATABRICKS_OTHER_PER_SECOND = 127;
/** How long a test of a tracker waits for one answer: a person waits for it. */
export const TEST_ANSWER_MS_MAX = 5_000;
/** How long `stepwell doctor` looks in all: whoever waits for it is in trouble already. */
export const DOCTOR_MS_MAX = 15_000;
/** How much of it the daemon may take to say how it stands: the rest is looked at all the same. */
export const DOCTOR_FACTS_MS_MAX = 5_000;
/** How much of it is left for stores and databases, however long the keychain takes. */
export const DOCTOR_STORES_MS_MIN = 3_000;
/** Servers that the doctor has asked at the same time. */
export const DOCTOR_SERVERS_MAX = 8;
/** How far a server's clock and ours may be apart: more than its whole seconds and a slow answer explain. */
export const CLOCK_SKEW_MS_MAX = 60_000;
/** An access token is renewed so long before it expires. */
export const TOKEN_MARGIN_MS = 60_000;
/** Bytes of all keys and values of one secret: what ZenML's store takes. */
export const SECRET_BYTES_MAX = 64 * 1024;
/** Shortest part of an id that stands for it: with one digit a typo would find something. git takes four, too. */
export const ID_PREFIX_CHARACTERS_MIN = 4;
/** Characters that a program of ours may answer: a secret, with each of its characters escaped twice, and what stands around it. */
export const PROGRAM_ANSWER_CHARACTERS_MAX = 16 * SECRET_BYTES_MAX;
/** Longest name of a secret or of a key in it, in characters. */
export const SECRET_NAME_MAX = 250;
/** How long a value that was read may be used again; a changed one is used at once. */
export const SECRET_CACHE_MS = 60_000;
/** How long the system's keychain may take for one call; it may be asking somebody for a password. */
export const KEYCHAIN_MS_MAX = 10_000;
/** Characters of the vault's passphrase: what NIST SP 800-63B-4 asks of one that stands alone. */
export const PASSPHRASE_CHARACTERS_MIN = 15;
/** The longest passphrase, in characters: nobody types more, and nothing here is without a bound. */
export const PASSPHRASE_CHARACTERS_MAX = 1_024;
/** The base-2 logarithm of scrypt's work: age's own, 256 MiB and a second or more for each guess. */
export const PASSPHRASE_WORK = 18;
/** How long sealing or trying may take: 9 s for one round of scrypt were measured on a busy machine, and sealing takes two. */
export const PASSPHRASE_MS_MAX = 120_000;
/** Free bytes below which a state store that could not be written is not opened anew: LevelDB's log, written again as a table. */
export const STORE_ROOM_BYTES_MIN = 8 * 1024 * 1024;
/** How long nothing may move on a request that is passed through: a server may search for minutes before it answers. */
export const FLOW_IDLE_MS_MAX = 300_000;
/** How long a server may take nothing of an artifact before the spool goes on without it. */
export const UPLOAD_STALL_MS_MAX = 20_000;
/** How long it may take for its answer to a whole one: MLflow's client waits for two minutes. */
export const UPLOAD_ANSWER_MS_MAX = 60_000;
/** How long a request of the gateway waits for its run's lane before it is answered that it can't be now. */
export const GATEWAY_FLUSH_MS_MAX = 20_000;
/** How long an answer that is needed before another request goes on may take. */
export const GATEWAY_LOOK_MS_MAX = 10_000;
/** Bytes of a body of the API that the gateway reads: MLflow takes a data set's profile of 16 MiB, and in JSON each quotation mark of it is two bytes. */
export const GATEWAY_BODY_BYTES_MAX = 32 * 1024 * 1024;
/** How long a body that is read whole may stand still: it keeps memory meanwhile. */
export const GATEWAY_BODY_STALL_MS = 30_000;
/** Bytes of all bodies that are being read, together. */
export const GATEWAY_BODIES_BYTES_MAX = 2 * GATEWAY_BODY_BYTES_MAX;
/** Bytes of a body of JSON that is read for the ids in it before it is passed on; a longer one is a stream. */
export const GATEWAY_TRANSLATED_BYTES_MAX = 1024 * 1024;
/** How long a pass of the gateway lasts that nobody uses. */
export const GATEWAY_PASS_MS = 7 * 24 * 3_600_000;
/** Points of a metric's history that are answered without the tracker: what MLflow's client asks for at once. */
export const HISTORY_POINTS_MAX = 25_000;
/** Runs whose last look at their tracker the gateway remembers. */
export const GATEWAY_SEEN_RUNS_MAX = 1_000;
/** Logged models whose last look the gateway has on disk: a few kilobytes each. */
export const GATEWAY_SEEN_MODELS_MAX = 10_000;
/** How long a step's pass of the gateway is good after the step's end. */
export const GATEWAY_PASS_GRACE_MS = 600_000;
/** Bytes of artifacts that may wait for their servers: a few checkpoints of a large model. */
export const SPOOL_BYTES_MAX = 50 * 1024 ** 3;
/** Bytes of the volume that artifacts leave free: the journal comes first. */
export const SPOOL_FREE_BYTES_MIN = 2 * 1024 ** 3;
/** How long an MLflow server of a local tracker stays when nobody needs it: it takes ten seconds to start, and 178 MB. */
export const MLFLOW_IDLE_MS = 600_000;
/** How soon, and how late at most, an artifact that a server did not take is sent again. */
export const UPLOAD_WAIT_MS_MIN = 1_000;
export const UPLOAD_WAIT_MS_MAX = 10_000;
/** How long a server that could not be asked is taken for away without another look. */
export const GATEWAY_DOWN_MS = 2_000;
/** How long a server may be away until programs are told not to wait for it: it may only have been started anew. */
export const GATEWAY_BLINK_MS = 5_000;
