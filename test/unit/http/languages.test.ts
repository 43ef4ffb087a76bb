/** Messages in three languages (contract §1). */
import { describe, expect, it } from 'vitest';
import { en } from '../../../src/http/locales/en.ts';
import { negotiateLanguage, translate } from '../../../src/http/locales/translate.ts';
import { zhCN } from '../../../src/http/locales/zh-CN.ts';
import { zhTW } from '../../../src/http/locales/zh-TW.ts';
import { testApp } from '../../support/http-app.ts';

describe('the language of a message', () => {
  it.each([
    [undefined, 'en'],
    ['', 'en'],
    ['fr', 'en'],
    ['*', 'en'],
    ['en-GB', 'en'],
    ['zh', 'zh-CN'],
    ['zh-CN', 'zh-CN'],
    ['ZH-cn', 'zh-CN'],
    ['zh-SG', 'zh-CN'],
    ['zh-Hans', 'zh-CN'],
    ['zh-Hans-HK', 'zh-CN'],
    ['zh-TW', 'zh-TW'],
    ['zh-HK', 'zh-TW'],
    ['zh-MO', 'zh-TW'],
    ['zh-Hant', 'zh-TW'],
    ['zh-Hant-CN', 'zh-TW'],
    ['fr, zh-TW;q=0.4, en;q=0.3', 'zh-TW'],
    ['en;q=0.3, zh-CN;q=0.9', 'zh-CN'],
    ['zh-CN;q=0.5, zh-TW;q=0.5', 'zh-CN'],
    ['zh-TW;q=0, en', 'en'],
    ['zh-TW;q=0', 'en'],
    ['zh-TW ; q = 0.8 , en;q=0.5', 'zh-TW'],
    [`${'fr,'.repeat(5000)}zh`, 'en'],
  ] as const)('given Accept-Language %.40s, is %s', (header, language) => {
    expect(negotiateLanguage(header)).toBe(language);
  });

  it('has every reason that English has', () => {
    const withReason = (catalogue: Record<string, string>) =>
      Object.keys(catalogue).filter(key => catalogue[key]?.includes('{reason}'));
    expect(withReason(zhCN)).toEqual(withReason(en));
    expect(withReason(zhTW)).toEqual(withReason(en));
  });

  it('puts a reason in as it is, replacement patterns included', () => {
    expect(translate('en', 'noSuchRoute', "$& $' $1")).toBe("No such route: $& $' $1");
  });

  it.each([
    ['en', 'No such route', 'The service is ready'],
    ['zh-CN', '路由不存在', '服务已就绪'],
    ['zh-TW', '路由不存在', '服務已就緒'],
  ])('is %s in refusals and in statuses', async (language, noRoute, ready) => {
    const { app, services } = testApp();
    services.put('a');
    const headers = { 'accept-language': language };
    expect((await app.inject({ url: '/nowhere', headers })).json().message).toContain(noRoute);
    expect((await app.inject({ url: '/mcp/check/status/a', headers })).json().data.message).toBe(ready);
  });
});
