/**
 * The only place of the page where text becomes elements. The page's policy lets no other code do that (trusted types), and
 * nothing but the gateway's drawing comes here.
 */

/** What browsers offer of trusted types, as far as it is used here. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createHTML(text: string): string },
  ): { createHTML(text: string): string };
}

/** Named in the policy that the gateway sends with the page (src/http/routes/ui.ts). */
const POLICY = 'drawing';

/** Its own style sheet stays behind: the page has one, which follows the theme the reader chose. */
const rules = { createHTML: (text: string) => text.replaceAll(/<(style|script)\b[\s\S]*?<\/\1>/g, '') };

const policy =
  (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes?.createPolicy(POLICY, rules) ?? rules;

/** Reads a drawing; what is no SVG gives a document that says so. */
export function parseDrawing(text: string): Document {
  return new DOMParser().parseFromString(policy.createHTML(text), 'image/svg+xml');
}
