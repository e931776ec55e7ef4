export { LiveModel } from './model';
export { livePlugin } from './plugin';
export { sameOr, shareItems } from './share';
export { ILiveModel } from './tokens';
export type { LiveState } from './tokens';
