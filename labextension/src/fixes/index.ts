export { FixDone } from './done';
export { FixOffer } from './offer';
export { ServerFixing, delay } from './server';
export type { IFixing, IRestartable } from './server';
export { awaitsStart, useFixes } from './use';
export type { IFixes } from './use';
