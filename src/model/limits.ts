/**
 * Every bound of the system, with its unit last and the source of its number.
 *
 * MLflow's own limits are measured in Unicode code points, never in UTF-16
 * units: a JavaScript `.length` would refuse names that MLflow accepts.
 */

/** Longest metric, param or tag key, in code points (mlflow/utils/validation.py). */
export const KEY_CODE_POINTS_MAX = 250;
/** Longest param value, in code points. MLflow would cut a longer one silently; Stepwell refuses it. */
export const PARAM_VALUE_CODE_POINTS_MAX = 6000;
/** Longest run tag value, in code points. MLflow would cut a longer one silently; Stepwell refuses it. */
export const TAG_VALUE_CODE_POINTS_MAX = 8000;
/** Longest experiment name, in code points. */
export const EXPERIMENT_NAME_CODE_POINTS_MAX = 500;
