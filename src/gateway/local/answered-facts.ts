/** What a local tracker says of itself where a program asks its server. */

/** The MLflow whose API it answers; clients decide by it what they may send. */
export const LOCAL_VERSION = "3.17.2";

/** Artifacts go through the daemon in one part: nobody is sent elsewhere. */
export const SERVER_INFO = {
  store_type: "SqlStore",
  workspaces_enabled: false,
  trace_archival_enabled: false,
  multipart_uploads_enabled: false,
  multipart_downloads_enabled: false,
  presigned_upload_run_id_supported: false,
  presigned_upload_model_id_supported: false,
  features_enabled: { gateway: false },
} as const;
