export { statusPlugin } from './plugin';
export { reasonDimmed } from './words';
