/**
 * How terminal-kit becomes part of a bundle. It loads its parts when they are asked for, which a bundler can't see: so
 * those that are used are named here. Images, documents and detection by other programs stay out.
 */
const PARTS = `
const termkit = {
  globalConfig: {},
  image: { load() {} },
  // Nothing here is one.
  TextBuffer: class {},
  get chroma() {
    return require("chroma-js");
  },
};
module.exports = termkit;
termkit.tty = require("./tty.js");
Object.assign(termkit, require("./misc.js"), require("./detectTerminal.js"));
termkit.Palette = require("./Palette.js");
termkit.Rect = require("./Rect.js");
termkit.Terminal = require("./Terminal.js");
termkit.createTerminal = termkit.Terminal.create;
`;

/**
 * What it loads at once and the page has no use for: menus, input fields, names of emoji. Half of all of it, and 20 ms of the
 * processor before the first picture.
 */
const UNUSED = [
  /[\\/]string-kit[\\/]lib[\\/](emoji|english|fuzzy|latinize)\.js$/,
  /[\\/]terminal-kit[\\/]lib[\\/](yesOrNo|\w*Input|inputField|\w+Menu|progressBar|bar|slowTyping)\.js$/,
];

export const terminalKit = {
  minifySyntax: true,
  minifyWhitespace: true,
  plugins: [{ name: "parts of terminal-kit", setup: nameParts }],
};

function nameParts(build) {
  build.onLoad({ filter: /[\\/]terminal-kit[\\/]lib[\\/]termkit\.js$/ }, () => ({ contents: PARTS }));
  for (const filter of UNUSED) build.onLoad({ filter }, () => ({ contents: "module.exports = {};" }));
  // Files beside its descriptions of terminals: they are no code.
  build.onLoad({ filter: /[\\/]termconfig[\\/](README|.*\.(md|sh))$/ }, () => ({ contents: "" }));
}
