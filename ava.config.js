export default {
  files: ["build/test/**/*.test.js", "build/clients/typescript/test/**/*.test.js"],
  timeout: "2m",
};
