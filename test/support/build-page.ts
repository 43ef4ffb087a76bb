/** Before any test: the page is built, so that the gateway serves what src/page says now. */
export { buildPage as setup } from '../../scripts/page/build.ts';
