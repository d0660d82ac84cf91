/**
 * In the command's bundle in place of string-width: its tables are made when the first text needs them, which takes 20 ms of the
 * processor that nearly all commands do without.
 */
module.exports = (text) => require("../node_modules/string-width/index.js").default(text);
