/**
 * The grammar of a filter: comparisons, and what else may stand beside them. It takes any words whatever, for what is
 * wrong with them is said by who asks for a meaning, in MLflow's words.
 */
import type { IToken } from "chevrotain";
import { endOf, type Node, nodeOf } from "./node.js";
import { WordParser } from "./word-parser.js";
import {
  Cast,
  CloseBracket,
  Comma,
  Comment,
  Comparator,
  Float,
  Integer,
  Keyword,
  Name,
  Null,
  OpenBracket,
  Operator,
  Order,
  Placeholder,
  Point,
  Quoted,
  Semicolon,
  Star,
  Text,
  TypeName,
} from "./words.js";

/** A clause that begins with it goes on to one of these. */
const WHERE_ENDS = /^(?:order\s+by|group\s+by|limit|union(?:\s+all)?|except|having|returning|into)$/i;

/** Words that a typed text goes on with. */
const SPANS = /^(?:day|hour|minute|month|second|year)$/i;

export class FilterParser extends WordParser {
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
          { GATE: () => this.startsOperand(1), ALT: () => this.SUBRULE(this.comparison) },
          { GATE: () => /^where$/i.test(this.LA(1).image), ALT: () => this.SUBRULE(this.where) },
          { GATE: () => this.blockLength() > 0, ALT: () => this.SUBRULE(this.block) },
          { GATE: () => this.startsOver(1), ALT: () => this.SUBRULE(this.over) },
          { ALT: () => nodeOf("comment", this.CONSUME(Comment)) },
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
      GATE: () => this.startsOperand(2),
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
      GATE: () => found.kind !== "null" && this.startsOperand(2) && !this.is(2, Null),
      DEF: () => {
        this.OR([{ ALT: () => this.CONSUME(Operator) }, { ALT: () => this.CONSUME(Star) }]);
        found = { kind: "operation", begin: found.begin, end: this.SUBRULE2(this.operand).end };
      },
    });
    return found;
  });

  readonly operand = this.RULE("operand", (): Node => {
    let found = this.OR<Node>({
      IGNORE_AMBIGUITIES: true,
      DEF: [
        { GATE: () => this.startsTyped(1), ALT: () => this.SUBRULE(this.typed) },
        { ALT: () => this.SUBRULE(this.identifier) },
        { ALT: () => nodeOf("text", this.CONSUME(Text)) },
        { ALT: () => this.SUBRULE(this.number) },
        { ALT: () => nodeOf("null", this.CONSUME(Null)) },
        { ALT: () => nodeOf("placeholder", this.CONSUME(Placeholder)) },
        { GATE: () => this.closes(1), ALT: () => this.SUBRULE1(this.parenthesis) },
        { ALT: () => this.SUBRULE1(this.anyWord) },
      ],
    });
    this.MANY({
      GATE: () => this.LA(2).image !== "",
      DEF: () => {
        this.CONSUME(Cast);
        const { end } = this.OR2<Node>({
          IGNORE_AMBIGUITIES: true,
          DEF: [
            { GATE: () => this.startsOperand(1), ALT: () => this.SUBRULE(this.operand) },
            { ALT: () => this.SUBRULE2(this.anyWord) },
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
      GATE: () => this.closes(1, OpenBracket, CloseBracket),
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
      GATE: () => this.closes(1),
      DEF: () => this.SUBRULE(this.parenthesis),
    });
    if (!closed) return nodeOf("identifier", name);
    const over = this.OPTION1({
      GATE: () => this.startsOver(1),
      DEF: () => this.SUBRULE(this.over),
    });
    return { kind: "function", begin: name.startOffset, end: (over ?? closed).end };
  });

  /** `OVER window`, or with the window in parentheses. */
  readonly over = this.RULE("over", (): Node => {
    const { startOffset: begin } = this.CONSUME(Keyword);
    const { end } = this.OR<Node>([
      { ALT: () => nodeOf("identifier", this.CONSUME(Name)) },
      { ALT: () => this.SUBRULE(this.parenthesis) },
    ]);
    return { kind: "group", begin, end };
  });

  /** `DATE '2026-01-01'`, perhaps with DAY or the like behind it. */
  readonly typed = this.RULE("typed", (): Node => {
    const { startOffset: begin } = this.OR([
      { ALT: () => this.CONSUME1(Keyword) },
      { ALT: () => this.CONSUME1(TypeName) },
    ]);
    let end = endOf(this.CONSUME(Text));
    this.MANY({
      GATE: () => SPANS.test(this.LA(1).image),
      DEF: () => {
        end = endOf(this.CONSUME2(Keyword));
      },
    });
    return { kind: "typed", begin, end };
  });

  /** What begins and ends with words, as CASE and END do. */
  readonly block = this.RULE("block", (): Node => {
    let left = this.blockLength();
    const kind = this.LA(1).image.toUpperCase() === "CASE" ? "case" : "group";
    const begin = this.LA(1).startOffset;
    let end = begin;
    this.AT_LEAST_ONE({
      GATE: () => left > 0,
      DEF: () => {
        left--;
        ({ end } = this.SUBRULE(this.anyWord));
      },
    });
    return { kind, begin, end };
  });

  readonly brackets = this.RULE("brackets", (): Node => {
    const open = this.CONSUME(OpenBracket);
    this.MANY({ GATE: () => !this.is(1, CloseBracket), DEF: () => this.SUBRULE(this.anyWord) });
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

  constructor() {
    super();
    this.performSelfAnalysis();
  }

  parse(words: IToken[]): Node[] {
    this.input = words;
    return this.filter();
  }
}
