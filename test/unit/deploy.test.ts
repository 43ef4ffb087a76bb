import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { loadSettings } from '../../src/config.ts';
import { buildApp } from '../../src/http/app.ts';
import { BY_FLAG, BY_VARIABLE } from '../../src/settings/names.ts';
import { FakeServices } from '../support/fake-services.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

const dockerfile = read('deploy/docker/Dockerfile');
const unit = read('deploy/systemd/evergate.service');
const manifest = read('deploy/kubernetes/evergate.yaml');
const release = read('.github/workflows/release.yml');
const nightly = read('.github/workflows/nightly.yml');

/** One without a value comes from a secret. */
interface EnvVar {
  readonly name: string;
  readonly value?: string;
}

describe('what deploys Evergate', () => {
  it('given the Dockerfile, then what it copies from here exists, and its ignore file lets it pass', () => {
    const ignored = read('deploy/docker/Dockerfile.dockerignore');
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, files = '']) =>
      files.split(' '),
    );
    expect(copied.length).toBeGreaterThan(3);
    for (const path of copied) {
      expect(existsSync(join(ROOT, path)), path).toBe(true);
      expect(ignored.split('\n'), path).toContain(`!${path}`);
    }
  });

  it('given the documents that the gateway shows, then the image has them as the package does', () => {
    const { files } = JSON.parse(read('package.json')) as { readonly files: readonly string[] };
    const shown = files.filter(path => path.startsWith('docs/'));
    expect(shown.length).toBeGreaterThan(1);
    for (const path of shown) {
      const [folder = ''] = /^docs\/[^/]+/.exec(path) ?? [];
      expect(dockerfile).toContain(`\nCOPY ${folder} ${folder}\n`);
    }
    expect(dockerfile).toContain('COPY --from=build /build/docs /opt/evergate/docs\n');
  });

  it('given the Dockerfile, then every target ends as an ordinary user', () => {
    const targets = dockerfile
      .split(/^FROM /m)
      .slice(1)
      .filter(stage => /^base AS /.test(stage));
    expect(targets).toHaveLength(2);
    for (const stage of targets) expect(stage.trimEnd()).toMatch(/\nUSER evergate$/);
  });

  it('given any of them, then every variable and flag it sets is a setting', () => {
    const variables = [dockerfile, unit, manifest].flatMap(text => text.match(/\bEVERGATE_[A-Z_]+/g) ?? []);
    expect(variables.length).toBeGreaterThan(5);
    for (const name of variables) expect([...BY_VARIABLE.keys()], name).toContain(name);
    const flags = /^ExecStart=.*$/m.exec(unit)?.[0].match(/--[a-z-]+/g) ?? [];
    expect(flags).toEqual(['--config', '--data-dir']);
    for (const flag of flags) expect(BY_FLAG.has(flag)).toBe(true);
  });

  it('given the manifest, then its probes are routes that need no token', async () => {
    const [, set] = parseAllDocuments(manifest).map(document => document.toJS());
    const [container] = set.spec.template.spec.containers;
    const probes = [container.startupProbe, container.readinessProbe, container.livenessProbe];
    const app = buildApp({
      services: new FakeServices(),
      readiness: () => true,
      settings: { host: '0.0.0.0', authTokens: [] },
    });
    for (const { httpGet } of probes) {
      const response = await app.inject({ url: httpGet.path, headers: { host: '10.1.2.3:8085' } });
      expect([httpGet.path, response.statusCode]).toEqual([httpGet.path, 200]);
    }
    expect(container.securityContext.readOnlyRootFilesystem).toBe(true);
  });

  it('given the variables that Kubernetes makes of its service, then they do not get into the pod as settings', () => {
    const [service, set] = parseAllDocuments(manifest).map(document => document.toJS());
    const { enableServiceLinks = true, containers } = set.spec.template.spec;
    const name = service.metadata.name.toUpperCase();
    const links = { [`${name}_SERVICE_HOST`]: '10.0.0.7', [`${name}_PORT`]: 'tcp://10.0.0.7:8085' };
    const own = containers[0].env.map(({ name, value = 'a:view:0123456789abcdef' }: EnvVar) => [name, value]);
    const load = (env: object) => loadSettings({ env: { ...env, ...Object.fromEntries(own) } });
    expect(() => load(links)).toThrow(/service link of Kubernetes.*enableServiceLinks: false/);
    expect(load(enableServiceLinks ? links : {}).settings.allowedHosts).toContain('evergate');
  });

  it('given the times a stop may take, then unit and manifest wait for longer', () => {
    const { drainGraceMs, stopGraceMs } = loadSettings({ env: {} }).settings;
    const atMostSeconds = (drainGraceMs + 2 * stopGraceMs) / 1000;
    const [, set] = parseAllDocuments(manifest).map(document => document.toJS());
    expect(set.spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThan(atMostSeconds);
    expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1])).toBeGreaterThan(atMostSeconds);
  });

  it('given the release workflow, then it publishes with provenance, and only after CI', () => {
    const { jobs } = parse(release);
    const commands: string[] = jobs.publish.steps.map(({ run }: { run?: string }) => run).filter(Boolean);
    expect(jobs.publish.permissions['id-token']).toBe('write');
    expect(commands.indexOf('bash .ci/run')).toBeLessThan(
      commands.findIndex(each => each.includes('--provenance')),
    );
    expect(commands).toContain('bash .ci/run');
  });

  it('given the workflows, then every script of the project that they run is one', () => {
    const { scripts } = JSON.parse(read('package.json')) as {
      readonly scripts: Readonly<Record<string, string>>;
    };
    const names = [release, nightly].flatMap(text =>
      [...text.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name),
    );
    expect(names).toContain('bench:check');
    for (const name of names) expect(scripts).toHaveProperty([name ?? '']);
  });
});
