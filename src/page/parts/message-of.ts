/** What went wrong, as a sentence. Not the gateway's own: the page has nothing of its sources. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
