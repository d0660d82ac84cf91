/**
 * The version of this Stepwell, as semantic versioning has it. A constant, because a
 * bundled file has no package.json beside it; a test keeps the two equal.
 */
export const VERSION = "0.1.0";
