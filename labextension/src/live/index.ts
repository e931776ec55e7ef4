export { LiveModel } from './model';
export { livePlugin } from './plugin';
export { ILiveModel } from './tokens';
export type { LiveState } from './tokens';
