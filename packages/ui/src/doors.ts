import { t } from '@offdesk/client';
/** Ways to what is looked at now and then, on the phone and at the desk. */
export const doors = () => [
  { to: '#/history', name: t.history.title, about: t.more.aboutHistory },
  { to: '#/files', name: t.files.title, about: t.files.about },
  { to: '#/rules', name: t.rules.title, about: t.more.aboutRules },
  { to: '#/notifications', name: t.notifications.title, about: t.more.aboutNotifications },
  { to: '#/usage', name: t.usage.title, about: t.more.aboutUsage },
  { to: '#/agents', name: t.agents.title, about: t.more.aboutAgents },
  { to: '#/storage', name: t.storage.title, about: t.more.aboutStorage },
];
