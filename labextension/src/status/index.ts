export { statusPlugin } from './plugin';
