/**
 * Words of a filter, as MLflow's reader of filters cuts them: SQL's, whatever the dialect. What a word is depends on what
 * stands beside it, and the first pattern that fits counts.
 */
import { createToken, type IToken, Lexer, type TokenType } from "chevrotain";
import { isKeyword, isType } from "./reserved-words.js";

/** What the grammar knows. */
export const Name = createToken({ name: "Name", pattern: Lexer.NA });
export const Quoted = createToken({ name: "Quoted", pattern: Lexer.NA });
export const Text = createToken({ name: "Text", pattern: Lexer.NA });
export const Integer = createToken({ name: "Integer", pattern: Lexer.NA });
export const Float = createToken({ name: "Float", pattern: Lexer.NA });
export const Comparator = createToken({ name: "Comparator", pattern: Lexer.NA });
export const Operator = createToken({ name: "Operator", pattern: Lexer.NA });
export const Keyword = createToken({ name: "Keyword", pattern: Lexer.NA });
export const TypeName = createToken({ name: "TypeName", pattern: Lexer.NA });
export const Placeholder = createToken({ name: "Placeholder", pattern: Lexer.NA });
export const Order = createToken({ name: "Order", pattern: Lexer.NA });
export const Null = createToken({ name: "Null", pattern: Lexer.NA });
export const Other = createToken({ name: "Other", pattern: Lexer.NA });

/** A letter, digit or underscore of any script. */
const W = "[\\p{L}\\p{N}_]";
const END = `(?!${W})`;
const FIRST = "[a-zà-ü]";

function word(name: string, kind: TokenType | undefined, pattern: string): TokenType {
  const sticky = new RegExp(pattern, "iuy");
  return createToken({
    name,
    categories: kind ? [kind] : [],
    line_breaks: true,
    pattern: {
      exec: (text: string, offset: number) => {
        sticky.lastIndex = offset;
        return sticky.exec(text);
      },
    },
  });
}

/** A word that stands alone, where it is one of these. */
function wordAmong(name: string, kind: TokenType, isOne: (image: string) => boolean): TokenType {
  const sticky = new RegExp(`${W}[$#\\p{L}\\p{N}_]*`, "uy");
  return createToken({
    name,
    categories: [kind],
    line_breaks: false,
    pattern: {
      exec: (text: string, offset: number) => {
        sticky.lastIndex = offset;
        const found = sticky.exec(text);
        return found && isOne(found[0]) ? found : null;
      },
    },
  });
}

export const Open = word("Open", undefined, "\\(");
export const Close = word("Close", undefined, "\\)");
export const OpenBracket = word("OpenBracket", undefined, "\\[");
export const CloseBracket = word("CloseBracket", undefined, "\\]");
export const Comma = word("Comma", undefined, ",");
export const Point = word("Point", undefined, "\\.");
export const Semicolon = word("Semicolon", undefined, ";");
export const Cast = word("Cast", undefined, "::");
export const Star = word("Star", undefined, "\\*");

const COMMENT = "(?:--|# )[^\\r\\n]*(?:\\r\\n|\\r|\\n|$)|/\\*[^]*?\\*/";
const PHRASES = [
  "(?:(?:LEFT|RIGHT|FULL)\\s+)?(?:(?:INNER|OUTER|STRAIGHT)\\s+)?JOIN",
  "(?:CROSS|NATURAL)\\s+JOIN",
  "END(?:\\s+(?:IF|LOOP|WHILE|FOR|CASE))?",
  "IF\\s+(?:NOT\\s+)?EXISTS",
  "NOT\\s+NULL",
  "UNION\\s+ALL",
  "CREATE(?:\\s+OR\\s+REPLACE)?",
  "DOUBLE\\s+PRECISION",
  "(?:GROUP|ORDER)\\s+BY",
  "PRIMARY\\s+KEY",
  "HANDLER\\s+FOR",
  "GO\\s\\d+",
].join("|");

const WORDS: readonly TokenType[] = [
  word("Comment", Other, `(?:${COMMENT})(?:${COMMENT}|[\\r\\n](?=[^]*\\S))*`),
  createToken({ name: "Space", pattern: /\s+/, group: Lexer.SKIPPED, line_breaks: true }),
  word("Assignment", Other, ":="),
  Cast,
  Star,
  word("BacktickName", Name, "`(?:``|[^`])*`"),
  word("PlaceholderWord", Placeholder, `\\?|%(?:\\(${W}+\\))?s|(?<!${W})[$:?]${W}+`),
  word("Command", Other, `\\\\${W}+`),
  word("SpecialWord", Keyword, `(?:CASE|IN|VALUES|USING|FROM|AS)${END}`),
  word("SignedName", Name, `(?:@|##|#)${FIRST}${W}+`),
  word("NameBeforePoint", Name, `${FIRST}${W}*(?=\\s*\\.(?!\\d))`),
  word("NameAfterPoint", Name, `(?<=\\.)${FIRST}${W}*`),
  word("FunctionName", Name, `${FIRST}${W}*(?=\\()`),
  word("Hexadecimal", Other, "-?0x[\\da-f]+"),
  word("Exponential", Float, "-?\\d+(?:\\.\\d+)?E-?\\d+"),
  word("Decimal", Float, `-?(?:\\d+\\.\\d*|\\.\\d+)(?!_|${FIRST})`),
  word("Whole", Integer, `-?\\d+(?!_|${FIRST})`),
  word("SingleQuoted", Text, "'(?:''|\\\\'|[^'])*'"),
  word("DoubleQuoted", Quoted, '"(?:""|\\\\"|[^"])*"'),
  word("BracketName", Name, `(?<![\\p{L}\\p{N}_\\])])\\[[^\\][]+\\]`),
  word("Phrase", Keyword, `(?:${PHRASES})${END}`),
  word("OrderWord", Order, `(?:(?:ASC|DESC)(?:\\s+NULLS\\s+(?:FIRST|LAST))?|NULLS\\s+(?:FIRST|LAST))${END}`),
  word("LikeWord", Comparator, `(?:NOT\\s+)?(?:LIKE|ILIKE|RLIKE|REGEXP(?:\\s+BINARY)?)${END}`),
  wordAmong("NullWord", Null, (image) => image.toUpperCase() === "NULL"),
  wordAmong("Reserved", Keyword, isKeyword),
  wordAmong("TypeWord", TypeName, isType),
  wordAmong("PlainName", Name, () => true),
  Open,
  Close,
  Comma,
  Point,
  Semicolon,
  OpenBracket,
  CloseBracket,
  word("Colon", Other, ":"),
  word("Arrow", Operator, "->>?|#>>?|@>|<@|\\?\\|?|\\?&|#-|-"),
  word("Compared", Comparator, "[<>=~!]+"),
  word("Signs", Operator, "[+/@#%^&|-]+"),
  word("Anything", Other, "[^]"),
];

const KINDS = [
  Name,
  Quoted,
  Text,
  Integer,
  Float,
  Comparator,
  Operator,
  Keyword,
  TypeName,
  Placeholder,
  Order,
  Null,
  Other,
];
export const VOCABULARY: TokenType[] = [...KINDS, ...WORDS];

const LEXER = new Lexer([...WORDS], { positionTracking: "onlyOffset", ensureOptimizations: false });

/** The words of a text. There is white space between them and nothing more. */
export function cutWords(text: string): IToken[] {
  return LEXER.tokenize(text).tokens;
}
