import { describe, expect, test } from 'vitest';
import { settingsDocument, settingsHelp } from '../../src/settings/help.ts';
import { BY_FLAG, BY_VARIABLE, SETTING_NAMES } from '../../src/settings/names.ts';
import { GROUPS } from '../../src/settings/table.ts';

describe('what is made from the table of settings', () => {
  test('every setting stands in exactly one group', () => {
    const grouped = GROUPS.flatMap(({ settings }) => Object.keys(settings));
    expect(grouped.toSorted()).toEqual([...SETTING_NAMES].sort());
  });

  test('the help has every flag, no line of it too wide', () => {
    const lines = settingsHelp().split('\n');
    for (const flag of BY_FLAG.keys())
      expect(lines.some(line => line.trim().split(' ')[0] === flag)).toBe(true);
    expect(lines.filter(line => line.length > 100)).toEqual([]);
  });

  test('the page has every key, flag and variable', () => {
    const page = settingsDocument();
    for (const name of [...BY_FLAG.keys(), ...BY_VARIABLE.keys()]) expect(page).toContain(`\`${name}\``);
    for (const name of SETTING_NAMES.filter(each => each !== 'config'))
      expect(page).toContain(`| \`${name}\` |`);
  });

  test('names follow one rule', () => {
    expect(BY_FLAG.get('--restart-cooldown-ms')).toBe('restartCooldownMs');
    expect(BY_VARIABLE.get('EVERGATE_RESTART_COOLDOWN_MS')).toBe('restartCooldownMs');
    expect(BY_FLAG.has('--mcp-servers')).toBe(false);
  });
});
