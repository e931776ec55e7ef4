export { shutDownKernel } from './jupyter';
export { runningPlugin } from './plugin';
