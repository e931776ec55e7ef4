export { chipPlugin } from './plugin';
