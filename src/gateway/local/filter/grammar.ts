/**
 * The grammar of a filter: comparisons, and what else may stand beside them. It takes any words whatever, for what is
 * wrong with them is said by who asks for a meaning, in MLflow's words.
 */
import { EmbeddedActionsParser, type IToken, type TokenType, tokenMatcher } from "chevrotain";
import { endOf, type Node, nodeOf } from "./node.js";
import {
  Cast,
  Close,
  CloseBracket,
  Comma,
  Comparator,
  Float,
  Integer,
  Keyword,
  Name,
  Null,
  Open,
  OpenBracket,
  Operator,
  Order,
  Other,
  Placeholder,
  Point,
  Quoted,
  Semicolon,
  Star,
  Text,
  TypeName,
  VOCABULARY,
} from "./words.js";

/** A clause that begins with it goes on to one of these. */
const WHERE_ENDS = /^(?:order\s+by|group\s+by|limit|union(?:\s+all)?|except|having|returning|into)$/i;

export class FilterParser extends EmbeddedActionsParser {
  readonly filter = this.RULE("filter", (): Node[] => {
    const nodes: Node[] = [];
    this.MANY(() => nodes.push(this.SUBRULE(this.element)));
    return nodes;
  });

  readonly element = this.RULE(
    "element",
    (): Node =>
      this.OR({
        IGNORE_AMBIGUITIES: true,
        DEF: [
          { GATE: () => this.#startsOperand(1), ALT: () => this.SUBRULE(this.comparison) },
          { GATE: () => /^where$/i.test(this.LA(1).image), ALT: () => this.SUBRULE(this.where) },
          { ALT: () => nodeOf("keyword", this.CONSUME(Keyword)) },
          { ALT: () => nodeOf("type", this.CONSUME(TypeName)) },
          { ALT: () => nodeOf("order", this.CONSUME(Order)) },
          { ALT: () => nodeOf("star", this.CONSUME(Star)) },
          { ALT: () => nodeOf("comma", this.CONSUME(Comma)) },
          { ALT: () => nodeOf("semicolon", this.CONSUME(Semicolon)) },
          { ALT: () => this.SUBRULE(this.anyWord) },
        ],
      }),
  );

  readonly comparison = this.RULE("comparison", (): Node => {
    let found = this.SUBRULE1(this.operation);
    this.MANY({
      GATE: () => this.#startsOperand(2),
      DEF: () => {
        const left = found;
        const { image } = this.CONSUME(Comparator);
        const right = this.SUBRULE2(this.operation);
        found = { kind: "comparison", begin: left.begin, end: right.end, sides: [left, image, right] };
      },
    });
    return found;
  });

  readonly operation = this.RULE("operation", (): Node => {
    let found = this.SUBRULE1(this.operand);
    this.MANY({
      GATE: () => found.kind !== "null" && this.#startsOperand(2) && !this.#is(2, Null),
      DEF: () => {
        this.OR([{ ALT: () => this.CONSUME(Operator) }, { ALT: () => this.CONSUME(Star) }]);
        found = { kind: "operation", begin: found.begin, end: this.SUBRULE2(this.operand).end };
      },
    });
    return found;
  });

  readonly operand = this.RULE("operand", (): Node => {
    let found = this.OR<Node>([
      { ALT: () => this.SUBRULE(this.identifier) },
      { ALT: () => nodeOf("text", this.CONSUME(Text)) },
      { ALT: () => this.SUBRULE(this.number) },
      { ALT: () => nodeOf("null", this.CONSUME(Null)) },
      { ALT: () => nodeOf("placeholder", this.CONSUME(Placeholder)) },
      { ALT: () => this.SUBRULE1(this.parenthesis) },
    ]);
    this.MANY({
      GATE: () => this.LA(2).image !== "",
      DEF: () => {
        this.CONSUME(Cast);
        const { end } = this.OR2<Node>({
          IGNORE_AMBIGUITIES: true,
          DEF: [
            { GATE: () => this.#startsOperand(1), ALT: () => this.SUBRULE(this.operand) },
            { ALT: () => this.SUBRULE(this.anyWord) },
          ],
        });
        found = { kind: "identifier", begin: found.begin, end };
      },
    });
    return found;
  });

  /** A number; with an order behind it MLflow's reader takes it for a name. */
  readonly number = this.RULE("number", (): Node => {
    const found = this.OR<Node>([
      { ALT: () => nodeOf("integer", this.CONSUME(Integer)) },
      { ALT: () => nodeOf("float", this.CONSUME(Float)) },
    ]);
    let { end } = found;
    this.MANY(() => {
      end = endOf(this.CONSUME(Order));
    });
    return end === found.end ? found : { kind: "identifier", begin: found.begin, end };
  });

  /** A name, perhaps of names with points between them, perhaps with an order behind it. */
  readonly identifier = this.RULE("identifier", (): Node => {
    const first = this.OR1<Node>([
      { ALT: () => this.SUBRULE1(this.called) },
      { ALT: () => nodeOf("identifier", this.CONSUME1(Quoted)) },
    ]);
    let end = first.end;
    let kind = first.kind;
    this.MANY1({
      GATE: () => kind === "identifier",
      DEF: () => {
        end = endOf(this.CONSUME(Point));
        this.OPTION1(() => {
          end = this.OR2<number>([
            { ALT: () => this.SUBRULE2(this.called).end },
            { ALT: () => endOf(this.CONSUME2(Quoted)) },
            { ALT: () => endOf(this.CONSUME2(Text)) },
            { ALT: () => endOf(this.CONSUME2(Star)) },
          ]);
        });
      },
    });
    this.MANY2({
      GATE: () => this.#closes(1, OpenBracket, CloseBracket),
      DEF: () => {
        end = this.SUBRULE(this.brackets).end;
        kind = "identifier";
      },
    });
    this.MANY3({
      GATE: () => kind === "identifier",
      DEF: () => {
        end = endOf(this.CONSUME(Order));
      },
    });
    return { kind, begin: first.begin, end };
  });

  /** A name; a function, where a parenthesis follows. */
  readonly called = this.RULE("called", (): Node => {
    const name = this.CONSUME(Name);
    const closed = this.OPTION({
      GATE: () => this.#closes(1),
      DEF: () => this.SUBRULE(this.parenthesis),
    });
    return closed
      ? { kind: "function", begin: name.startOffset, end: closed.end }
      : nodeOf("identifier", name);
  });

  readonly parenthesis = this.RULE("parenthesis", (): Node => {
    const open = this.CONSUME(Open);
    this.MANY(() =>
      this.OR([{ ALT: () => this.SUBRULE(this.parenthesis) }, { ALT: () => this.SUBRULE(this.innerWord) }]),
    );
    return { kind: "parenthesis", begin: open.startOffset, end: endOf(this.CONSUME(Close)) };
  });

  readonly brackets = this.RULE("brackets", (): Node => {
    const open = this.CONSUME(OpenBracket);
    this.MANY({ GATE: () => !this.#is(1, CloseBracket), DEF: () => this.SUBRULE(this.anyWord) });
    return { kind: "other", begin: open.startOffset, end: endOf(this.CONSUME(CloseBracket)) };
  });

  readonly where = this.RULE("where", (): Node => {
    let last = nodeOf("other", this.CONSUME(Keyword));
    const { begin } = last;
    this.MANY({
      GATE: () => !WHERE_ENDS.test(this.LA(1).image),
      DEF: () => {
        last = this.SUBRULE(this.anyWord);
      },
    });
    return { kind: "other", begin, end: last.end };
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
    this.performSelfAnalysis();
  }

  parse(words: IToken[]): Node[] {
    this.input = words;
    return this.filter();
  }

  #startsOperand(at: number): boolean {
    const kinds = [Name, Quoted, Text, Integer, Float, Null, Placeholder];
    return kinds.some((kind) => this.#is(at, kind)) || this.#closes(at);
  }

  #is(at: number, kind: TokenType): boolean {
    return tokenMatcher(this.LA(at), kind);
  }

  /** Whether a parenthesis begins here that ends. */
  #closes(at: number, open = Open, close = Close): boolean {
    if (!this.#is(at, open)) return false;
    let depth = 0;
    for (let ahead = at; this.LA(ahead).image !== ""; ahead++) {
      if (this.#is(ahead, open)) depth++;
      else if (this.#is(ahead, close) && --depth === 0) return true;
    }
    return false;
  }
}

const INNER = [
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
  OpenBracket,
  CloseBracket,
  Order,
  Null,
  Other,
  Comma,
  Point,
  Semicolon,
  Cast,
  Star,
];
