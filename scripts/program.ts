/** `npm run program`: bundles the program of src into dist. */
import { buildProgram } from './program/build.ts';

await buildProgram('dist');
