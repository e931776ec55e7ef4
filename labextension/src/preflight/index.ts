export {
  executorPlugin,
  preflightNoticesPlugin,
  preflightPlugin
} from './plugin';
