import { atWork } from './atWork.ts';
import { connect } from './connect.ts';
import { field } from './field.ts';
import { gateway } from './gateway.ts';
import { home } from './home.ts';
import { quit } from './quit.ts';
import { reach } from './reach.ts';
import { settings } from './settings.ts';
import { stands } from './stands.ts';
import { start } from './start.ts';
import type { DesktopMessages } from '../../desktop.ts';

export default {
  atWork,
  connect,
  field,
  gateway,
  home,
  quit,
  reach,
  settings,
  stands,
  start,
} satisfies DesktopMessages;
