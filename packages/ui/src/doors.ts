/** Ways to what is looked at now and then, on the phone and at the desk. */
export const DOORS = [
  { to: '#/history', name: 'History', about: 'what agents keep on this computer' },
  { to: '#/files', name: 'Files', about: 'what is in your folders and in runs' },
  { to: '#/rules', name: 'Rules', about: 'what is decided without you' },
  { to: '#/notifications', name: 'Notifications', about: 'what you are told while you are away' },
  { to: '#/usage', name: 'Usage', about: 'tokens and cost, by day' },
  { to: '#/agents', name: 'Agents', about: 'the programs that can work' },
  { to: '#/storage', name: 'Storage', about: 'what is kept on its disk' },
];
