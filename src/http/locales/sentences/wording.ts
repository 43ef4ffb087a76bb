/** How one language words the sentences of src/explain. A sentence that is missing does not compile. */
import type { SentenceKey, Sentences } from '../../../explain/sentences.ts';

export type Wording = { readonly [K in SentenceKey]: (given: Readonly<Sentences[K]>) => string };
