export { reportPlugin } from './plugin';
