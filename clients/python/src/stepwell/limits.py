"""Every bound of the client, with its unit last. Lengths of text are code points, as in MLflow."""

KEY_CODE_POINTS_MAX = 250
MODEL_ID_CHARACTERS_MAX = 36
PARAM_VALUE_CODE_POINTS_MAX = 6_000
TAG_VALUE_CODE_POINTS_MAX = 8_000
EXPERIMENT_NAME_CODE_POINTS_MAX = 500

STEP_MIN = -(2**63)
INT64_MAX = 2**63 - 1

# How long an entry waits for company before it is sent, while entries come.
LINGER_SECONDS = 0.005
# The longest such wait, when there are so many keys that looking through them takes time.
LINGER_SECONDS_MAX = 0.020
# Without an entry for so long the sender sleeps until it is woken.
IDLE_SECONDS = 0.2
# How often a sleeping sender looks by itself.
IDLE_LOOK_SECONDS = 1.0

# Largest batch that the client makes; the daemon's message limit wins when it is lower.
BATCH_BYTES_MAX = 512 * 1024
# Least that is worth writing of a series behind other records.
SERIES_BYTES_MIN = 32 * 1024
# Room for entries that the daemon has not acknowledged, unless STEPWELL_BUFFER_BYTES says otherwise.
BUFFER_BYTES_MAX = 256 * 1024 * 1024
# Memory that a run takes beside its entries, its start and its end included.
RUN_BYTES = 2_048
# Memory that the first point of a key takes beside the point.
COLUMN_BYTES = 1_024

# First and longest wait before a reconnect; the wait is drawn at random from 0 to the bound.
RECONNECT_SECONDS_MIN = 0.05
RECONNECT_SECONDS_MAX = 2.0
# How long the daemon may take to accept a connection, and to answer Hello.
CONNECT_SECONDS = 5.0
WELCOME_SECONDS = 10.0
# What is read of the files in the home that tell of its daemon and its id, and of what a command says.
ENDPOINT_FILE_BYTES_MAX = 65_536
HOME_ID_FILE_BYTES_MAX = 1_024
COMMAND_OUTPUT_BYTES_MAX = 8_192
REASON_CHARACTERS_MAX = 600
# How long `stepwell daemon start` may take.
DAEMON_START_SECONDS = 30.0
# First and longest pause between two tries to start a daemon.
DAEMON_START_PAUSE_SECONDS_MIN = 1.0
DAEMON_START_PAUSE_SECONDS_MAX = 30.0
# How long the daemon may be out of reach before the client says so.
UNREACHABLE_WARNING_SECONDS = 10.0
# The same where starting one fails: the first failure may be another's start that was killed.
START_FAILURE_WARNING_SECONDS = 1.0

# How long a call about steps, pipelines or stacks may take, starts of the daemon included.
CALL_SECONDS = 20.0
# First and longest wait before a call is made again; the wait is drawn at random from 0 to the bound.
CALL_PAUSE_SECONDS_MIN = 0.05
CALL_PAUSE_SECONDS_MAX = 1.0
# How long the acknowledgement of what a step logged, and then the call that tells its end, may take
# before a note of the end is left in the home.
STEP_END_PROMPT_SECONDS = 2.0
# How long the end of a step waits for that acknowledgement in all.
STEP_FLUSH_SECONDS = 30.0
# How long the end is tried to be told where no note can be left: the home is not known.
STEP_END_SECONDS = 120.0

# How long a request to the gateway is tried again while nobody answers, and how long one that is under way
# may stand still.
GATEWAY_SECONDS = 60.0
GATEWAY_STILL_SECONDS = 300.0
# How long it may take to find out whether anybody is there.
GATEWAY_LOOK_SECONDS = 1.0
# How much of a file is in memory at once.
ARTIFACT_CHUNK_BYTES = 1024 * 1024
# The longer side of the small copy that MLflow shows of an image, in pixels.
SMALL_IMAGE_PIXELS = 256

# Runs of a process that are told of on stderr, and how much of a run's name is.
RUNS_TOLD = 5
NAME_CHARACTERS_TOLD = 80
# How long a run that ended is on its way before what became of it is told all the same: pauses between looks.
TELL_PAUSES_SECONDS = (0.5, 1.0, 2.0)
# How long the daemon may take to tell where a run is at its tracker.
PLACE_SECONDS = 2.0
# How long who asks for a step's links waits for a tracker that answers.
LINKS_SECONDS = 5.0
# How long the end of a process asks what became of its runs.
TELL_SECONDS = 0.5

# How long flush() waits unless the caller says otherwise.
FLUSH_SECONDS = 60.0
# How long a process that ends waits for the last acknowledgement; STEPWELL_EXIT_TIMEOUT says otherwise.
EXIT_SECONDS = 10.0
# How long the daemon may take to end the stream after Close.
CLOSE_SECONDS = 2.0
# How long a fork waits for the sending thread to stop.
STOP_SECONDS = 2.0

# Warnings of refused entries, one for each code and key, that one process prints.
REJECTION_WARNINGS_MAX = 20

# What is read of one of git's files: some ten thousand packed references.
GIT_FILE_BYTES_MAX = 1024 * 1024
