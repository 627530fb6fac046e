import '../src/messages/desktop.ts';
import { speak } from '../src/messages/index.ts';

// What is tested by its words is tested in English.
await speak('en', []);
