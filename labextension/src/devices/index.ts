export { holderColors, inColor } from './colors';
export { deviceTitle } from './names';
export { devicesPlugin } from './plugin';
