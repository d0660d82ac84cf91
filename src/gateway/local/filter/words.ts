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
export const Comment = createToken({ name: "Comment", pattern: Lexer.NA });
const Other = createToken({ name: "Other", pattern: Lexer.NA });

/** A letter, digit or underscore of any script. */
const W = "[\\p{L}\\p{N}_]";
/** White space, and digits, as Python has them. */
const S = "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const D = "\\p{Nd}";
const END = `(?!${W})`;
const FIRST = "[a-zà-ü]";

function word(name: string, kinds: TokenType | readonly TokenType[], pattern: string): TokenType {
  const sticky = new RegExp(pattern, "iuy");
  return createToken({
    name,
    categories: [kinds].flat(),
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

export const Open = word("Open", [], "\\(");
export const Close = word("Close", [], "\\)");
export const OpenBracket = word("OpenBracket", [], "\\[");
export const CloseBracket = word("CloseBracket", [], "\\]");
export const Comma = word("Comma", [], ",");
export const Point = word("Point", [], "\\.");
export const Semicolon = word("Semicolon", [], ";");
export const Cast = word("Cast", [], "::");
export const Star = word("Star", [], "\\*");

/** One that ends with its line; a hint is another thing. */
export const LineComment = word("LineComment", Comment, "(?:--|# )(?!\\+)[^\\r\\n]*(?:\\r\\n|\\r|\\n|$)");
const PointArrow = word("PointArrow", [Point, Operator], "->>?");

const PHRASES = [
  `(?:(?:LEFT|RIGHT|FULL)${S}+)?(?:(?:INNER|OUTER|STRAIGHT)${S}+)?JOIN`,
  `(?:CROSS|NATURAL)${S}+JOIN`,
  `END(?:${S}+(?:IF|LOOP|WHILE|FOR|CASE))?`,
  `IF${S}+(?:NOT${S}+)?EXISTS`,
  `NOT${S}+NULL`,
  `UNION${S}+ALL`,
  `CREATE(?:${S}+OR${S}+REPLACE)?`,
  `DOUBLE${S}+PRECISION`,
  `(?:GROUP|ORDER)${S}+BY`,
  `PRIMARY${S}+KEY`,
  `HANDLER${S}+FOR`,
  `GO${S}${D}+`,
  `LATERAL${S}+VIEW${S}+(?:EXPLODE|INLINE|PARSE_URL_TUPLE|POSEXPLODE|STACK)`,
].join("|");

const WORDS: readonly TokenType[] = [
  LineComment,
  word("Comments", Comment, "(?:--|# )[^\\r\\n]*(?:\\r\\n|\\r|\\n|$)|/\\*[^]*?\\*/"),
  createToken({ name: "Space", pattern: new RegExp(`${S}+`, "u"), group: Lexer.SKIPPED, line_breaks: true }),
  word("DollarQuoted", Other, `(?<![\\p{L}\\p{N}_"$])(\\$(?:[_a-zà-ü]${W}*)?\\$)[^]*?\\1`),
  word("Assignment", Other, ":="),
  Cast,
  Star,
  word("BacktickName", Name, "`(?:``|[^`])*`|´(?:´´|[^´])*´"),
  word("PlaceholderWord", Placeholder, `\\?|%(?:\\(${W}+\\))?s|(?<!${W})[$:?]${W}+`),
  word("Command", Other, `\\\\${W}+`),
  word("SpecialWord", Keyword, `(?:CASE|IN|VALUES|USING|FROM|AS)${END}`),
  word("SignedName", Name, `(?:@|##|#)${FIRST}${W}+`),
  word("NameBeforePoint", Name, `${FIRST}${W}*(?=${S}*\\.(?!${D}))`),
  word("NameAfterPoint", Name, `(?<=\\.)${FIRST}${W}*`),
  word("FunctionName", Name, `${FIRST}${W}*(?=\\()`),
  word("Hexadecimal", Other, `-?0x[${D}a-f]+`),
  word("Exponential", Float, `-?${D}+(?:\\.${D}+)?E-?${D}+`),
  word("Decimal", Float, `-?(?:${D}+\\.${D}*|\\.${D}+)(?!_|${FIRST})`),
  word("Whole", Integer, `-?${D}+(?!_|${FIRST})`),
  word("SingleQuoted", Text, "'(?:''|\\\\'|[^'])*'"),
  word("DoubleQuoted", Quoted, '"(?:""|\\\\"|[^"])*"'),
  word("BracketName", Name, `(?<![\\p{L}\\p{N}_\\])])\\[[^\\][]+\\]`),
  word("TimeZone", Keyword, `AT${S}+TIME${S}+ZONE${S}+'[^']+'`),
  word("Phrase", Keyword, `(?:${PHRASES})${END}`),
  word(
    "OrderWord",
    Order,
    `(?:(?:ASC|DESC)(?:${S}+NULLS${S}+(?:FIRST|LAST))?|NULLS${S}+(?:FIRST|LAST))${END}`,
  ),
  word("LikeWord", Comparator, `(?:NOT${S}+)?(?:LIKE|ILIKE|RLIKE|REGEXP(?:${S}+BINARY)?)${END}`),
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
  PointArrow,
  word("Arrow", Operator, "->>?|#>>?|@>|<@|\\?\\|?|\\?&|#-|-"),
  word("Compared", Comparator, "[<>=~!]+"),
  word("Signs", Operator, "[+/@#%^&|-]+"),
  word("Anything", Other, "[^]"),
];

/** What a word may be, but for the signs that are of one kind alone. */
export const KINDS = [
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
  Comment,
  Other,
];
export const VOCABULARY: TokenType[] = [...KINDS, ...WORDS];

const LEXER = new Lexer([...WORDS], { positionTracking: "onlyOffset", ensureOptimizations: false });

/** The words of a text. There is white space between them and nothing more. */
export function cutWords(text: string): IToken[] {
  return LEXER.tokenize(text).tokens;
}
