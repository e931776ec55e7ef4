export { displayPlugin } from './plugin';
export type { Density } from './tokens';
export { IDisplay } from './tokens';
