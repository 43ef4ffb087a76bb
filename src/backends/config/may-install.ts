/** Whether a config's command may have to download what it runs. */
import { basename } from 'node:path';
import type { ServiceConfig } from './service-config.ts';

/** Commands that fetch a package or an image before they run it. */
const INSTALLERS =
  /^(?:npx|npm|pnpm|pnpx|yarn|bun|bunx|deno|uvx|uv|pipx|docker|podman|nerdctl|nix|nix-shell|go|cargo|dotnet|dnx|java|jbang)$/;
/** Commands that run another one: what that does is not looked into. */
const WRAPPERS =
  /^(?:sh|bash|dash|zsh|fish|env|nice|timeout|sudo|su|xargs|make|mise|direnv|cmd|powershell|pwsh)$/;

/** Not known of any other command: its own earlier starts tell. */
export function mayInstall(config: ServiceConfig): boolean {
  if (config.kind === 'remote') return false;
  const name = basename(config.command).replace(/\.(?:exe|cmd|bat)$/i, '');
  return INSTALLERS.test(name) || WRAPPERS.test(name);
}
