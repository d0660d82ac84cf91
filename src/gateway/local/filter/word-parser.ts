/** What the grammar of filters is made of: any words, parentheses, and looks ahead. */
import { EmbeddedActionsParser, type TokenType, tokenMatcher } from "chevrotain";
import { blockLength } from "./blocks.js";
import { endOf, type Node, nodeOf } from "./node.js";
import {
  Cast,
  Close,
  CloseBracket,
  Comma,
  Float,
  Integer,
  Keyword,
  KINDS,
  Name,
  Null,
  Open,
  OpenBracket,
  Placeholder,
  Point,
  Quoted,
  Semicolon,
  Star,
  Text,
  TypeName,
  VOCABULARY,
} from "./words.js";

export abstract class WordParser extends EmbeddedActionsParser {
  readonly parenthesis = this.RULE("parenthesis", (): Node => {
    const open = this.CONSUME(Open);
    this.MANY(() =>
      this.OR([{ ALT: () => this.SUBRULE(this.parenthesis) }, { ALT: () => this.SUBRULE(this.innerWord) }]),
    );
    return { kind: "parenthesis", begin: open.startOffset, end: endOf(this.CONSUME(Close)) };
  });

  readonly anyWord = this.RULE(
    "anyWord",
    (): Node =>
      this.OR([
        { ALT: () => this.SUBRULE(this.innerWord) },
        { ALT: () => nodeOf("other", this.CONSUME(Open)) },
        { ALT: () => nodeOf("other", this.CONSUME(Close)) },
      ]),
  );

  readonly innerWord = this.RULE(
    "innerWord",
    (): Node =>
      this.OR(INNER.map((kind, index) => ({ ALT: () => nodeOf("other", this.consume(index, kind)) }))),
  );

  constructor() {
    super(VOCABULARY, { maxLookahead: 1, skipValidations: true });
  }

  protected startsOperand(at: number): boolean {
    const kinds = [Name, Quoted, Text, Integer, Float, Null, Placeholder];
    if (kinds.some((kind) => this.is(at, kind)) || this.closes(at) || this.startsTyped(at)) return true;
    // Whatever stands there, with a type behind it.
    return (
      this.LA(at).image !== "" && !this.is(at, Cast) && this.is(at + 1, Cast) && this.LA(at + 2).image !== ""
    );
  }

  /** Never the first word: MLflow's reader looks for something before it. */
  protected startsTyped(at: number): boolean {
    if (this.LA(at - 1).image === "" || this.is(at - 1, Cast)) return false;
    const isType = this.is(at, TypeName) || this.LA(at).image.toUpperCase() === "TIMESTAMP";
    return isType && this.is(at + 1, Text);
  }

  protected startsOver(at: number): boolean {
    return this.LA(at).image.toUpperCase() === "OVER" && (this.is(at + 1, Name) || this.closes(at + 1));
  }

  /** How many words a block has that begins here; 0 where none does. */
  protected blockLength(): number {
    if (!this.is(1, Keyword)) return 0;
    const images: string[] = [];
    for (let at = 1; this.LA(at).image !== ""; at++)
      images.push(this.is(at, Keyword) ? this.LA(at).image.toUpperCase() : "");
    return blockLength(images);
  }

  protected is(at: number, kind: TokenType): boolean {
    return tokenMatcher(this.LA(at), kind);
  }

  /** Whether a parenthesis begins here that ends. */
  protected closes(at: number, open = Open, close = Close): boolean {
    if (!this.is(at, open)) return false;
    let depth = 0;
    for (let ahead = at; this.LA(ahead).image !== ""; ahead++) {
      if (this.is(ahead, open)) depth++;
      else if (this.is(ahead, close) && --depth === 0) return true;
    }
    return false;
  }
}

/** All but parentheses. */
const INNER = [...KINDS, OpenBracket, CloseBracket, Comma, Point, Semicolon, Cast, Star];
