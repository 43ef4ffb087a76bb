/** RFC 3339 in UTC with ms: how times leave the API. @param ms epoch ms */
export const timeView = (ms: number): string => new Date(ms).toISOString();

export const timeOrNull = (ms: number | null): string | null => (ms === null ? null : timeView(ms));
