export default {
  files: ["build/test/**/*.test.js", "build/clients/typescript/test/**/*.test.js"],
  timeout: "2m",
  // Processes, not threads: a native module that aborts takes its own file down, not the whole suite.
  workerThreads: false,
};
