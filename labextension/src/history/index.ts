export { historyPlugin } from './plugin';
