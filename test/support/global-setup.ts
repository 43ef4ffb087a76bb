/** Before any test: page and gateway are built, so that what is tested is what the sources say now. */
import { buildPage } from '../../scripts/page/build.ts';
import { BUILD_VARIABLE, buildGateway } from './gateway-build.ts';

export async function setup(): Promise<() => void> {
  await buildPage();
  const build = await buildGateway();
  process.env[BUILD_VARIABLE] = build.directory;
  return () => build.remove();
}
