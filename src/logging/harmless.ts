/** Keeps what others wrote from acting on the terminal, or the editor, of whoever reads the log. */

/** Control and format characters (bidirectional overrides among them) and exotic line breaks. */
const HARMFUL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** The text with each such character as an escape of JSON. Of one line of JSON a parser reads the same as before. */
export function escapeHarmful(text: string): string {
  return text.replace(HARMFUL, escaped);
}

/** Of a character beyond the first plane, both halves. */
function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  return units.map(unit => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}
