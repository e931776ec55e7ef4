export { panelPlugin } from './plugin';
export { IGpuPanel } from './tokens';
