import { t, type Me } from '@offdesk/client';

/** What this page calls itself. */
export function describe(agent: string, origin: string): Me {
  const browser = /Firefox|FxiOS/.test(agent) ? 'Firefox' : /Edg/.test(agent) ? 'Edge' : /Chrome|CriOS/.test(agent) ? 'Chrome' : 'Safari';
  const platform = /Android/.test(agent) ? 'Android' : /iPhone|iPad/.test(agent) ? 'iOS' : /Mac/.test(agent) ? 'macOS' : /Windows/.test(agent) ? 'Windows' : 'Linux';
  return { name: t.entry.browserOn(browser, platform), platform, build: __BUILD__, origin };
}
