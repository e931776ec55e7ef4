export { health, lacksIpykernel } from './health';
export type { HealthLevel, IHealth } from './health';
export {
  environmentsPanelPlugin,
  environmentsPlugin,
  kernelSettingsPlugin
} from './plugin';
export { IEnvironments } from './tokens';
export type { IEnvironmentActions, IHandler } from './tokens';
