export { deviceTitle } from './names';
export { devicesPlugin } from './plugin';
