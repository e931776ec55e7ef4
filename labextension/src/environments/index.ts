export { environmentsPlugin } from './plugin';
