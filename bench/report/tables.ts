/** What was measured, as Markdown. */
import type { Case } from '../calls/cases.ts';
import { GOALS, isWithin } from '../floors.ts';
import type { Figures } from './figures.ts';

const BARE = ['bare Fastify', 'bare Fastify, SSE'];

export function markdown(heading: string, cases: readonly Case[], figures: Figures): string {
  const sections = [goalTable(figures)];
  for (const each of cases) if (figures.has(each.name)) sections.push(caseTable(each, figures));
  sections.push(...memoryTables(figures));
  return `${heading}\n\n${sections.join('\n\n')}\n`;
}

/** Each goal that was measured, whether it is reached. */
function goalTable(figures: Figures): string {
  const rows = GOALS.flatMap(goal => {
    const value = goal.measure(figures);
    if (value === null) return [];
    const { what, is, unit } = goal;
    const reached = isWithin(goal, value, goal.goal) ? 'yes' : '**no**';
    return [[what, `${is} ${goal.goal} ${unit}`, `${precise(value)} ${unit}`, reached]];
  });
  return `## Goals\n\n${table(['what', 'goal', 'measured', 'reached'], rows)}`;
}

function caseTable({ name, title, targets }: Case, figures: Figures): string {
  const bare = targets.find(target => BARE.includes(target));
  const header = ['', 'calls/s', '× bare', 'p50 ms', 'p99 ms', 'CPU µs per call', '× bare', 'MiB'];
  const rows = targets
    .filter(target => figures.get(name, target, 'callsPerSecond') !== null)
    .map(target => {
      const of = (figure: string) => figures.get(name, target, figure);
      const toBare = (figure: string) =>
        bare === undefined ? '' : precise(figures.ratio(name, figure, target, bare));
      const ms = (figure: string) => precise((of(figure) ?? Number.NaN) / 1000);
      const alone = of('rssMib') === 0;
      return [
        target,
        whole(of('callsPerSecond')),
        toBare('callsPerSecond'),
        ms('p50Us'),
        ms('p99Us'),
        alone ? '' : precise(of('gatewayUs')),
        alone ? '' : toBare('gatewayUs'),
        alone ? '' : whole(of('rssMib')),
      ];
    });
  return `## ${title}\n\n${table(header, rows)}`;
}

function memoryTables(figures: Figures): string[] {
  const sections: string[] = [];
  const section = (what: string, title: string, header: readonly string[], names: readonly string[]) => {
    if (!figures.has(what)) return;
    const rows = figures
      .targets(what)
      .map(target => [target, ...names.map(name => precise(figures.get(what, target, name)))]);
    sections.push(`## ${title}\n\n${table(['', ...header], rows)}`);
  };
  section('boot', 'Boot with an empty log', ['ms until it listens', 'MiB'], ['bootMs', 'rssMib']);
  section('services', 'Services at rest', ['services', 'KiB each'], ['count', 'kibEach']);
  section('route', 'Way to one service', ['calls/s', 'CPU µs per call'], ['callsPerSecond', 'gatewayUs']);
  section('sessions', 'Idle sessions', ['sessions', 'KiB each'], ['count', 'kibEach']);
  section(
    'streams',
    'Open streams without traffic',
    ['streams', 'KiB each', 'CPU µs per stream and event'],
    ['count', 'kibEach', 'eventUs'],
  );
  section(
    'soak',
    'Minutes at full load, 16 sessions',
    ['minutes', 'MiB at the end', 'MiB more than after the first'],
    ['minutes', 'rssMib', 'growthMib'],
  );
  return sections;
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), `|${header.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

const whole = (value: number | null) => (value === null ? '' : Math.round(value).toLocaleString('en-US'));

/** Three significant digits, or all before the point. */
function precise(value: number | null): string {
  if (value === null || Number.isNaN(value)) return '';
  return Math.abs(value) >= 100 ? whole(value) : String(Number(value.toPrecision(3)));
}
