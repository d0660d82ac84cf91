import type { PythonRequirements } from "../support/python-environment.js";

/** What the torture's Python client needs; the reader needs nothing. */
export const TORTURE_PYTHON: PythonRequirements = {
  name: "torture-client",
  requirements: ["grpclib==0.4.9", "protobuf==6.33.6"],
  pythons: ["3.12", "3.11", "3.13", "3.10", "3.9"],
};
