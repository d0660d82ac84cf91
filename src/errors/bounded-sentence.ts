/**
 * A sentence of an error may hold what somebody gave for a name. It fills no screen, and no header of gRPC: a reply
 * whose headers take more than 8 kB never arrives, and a character takes up to nine bytes there.
 */
export const SENTENCE_CHARACTERS_MAX = 700;

const CUT = " ... ";

/** The sentence, or its beginning and its end: what is wrong stands in one of them. */
export function boundedSentence(sentence: string): string {
  if (sentence.length <= SENTENCE_CHARACTERS_MAX) return sentence;
  const kept = (SENTENCE_CHARACTERS_MAX - CUT.length) >> 1;
  return `${sentence.slice(0, kept)}${CUT}${sentence.slice(-kept)}`.toWellFormed();
}
