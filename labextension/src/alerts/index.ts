export { alertsPlugin } from './plugin';
