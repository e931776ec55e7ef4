export { HealthBadge } from './badge';
export { health, lacksIpykernel, verdictText } from './health';
export type { HealthLevel, IHealth } from './health';
export {
  environmentsPanelPlugin,
  environmentsPlugin,
  kernelSettingsPlugin
} from './plugin';
export { ReportView } from './report';
export { IEnvironments } from './tokens';
export type { IEnvironmentActions, IHandler } from './tokens';
