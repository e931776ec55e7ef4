import { health, lacksIpykernel } from '../../src/environments';
import { tellingKernelspec } from '../../src/environments/health';
import { environment, kernelspec } from '../samples';
import { trans } from './page';

describe('The health', () => {
  it.each([
    ['ok', 'ok', 'ready'],
    ['degraded', 'warning', 'warnings'],
    ['broken', 'error', 'broken'],
    ['cpu', 'muted', 'CPU only'],
    [null, 'muted', 'not judged']
  ] as const)('of the verdict %s is %s: %s', (verdict, level, label) => {
    const found = health(environment({ verdict }), null, trans);
    expect(found).toMatchObject({ level, label });
    expect(found.reason).not.toBe('');
  });

  it('has the report’s line for its reason, where there is one', () => {
    const judged = environment({ summary: 'CUDA is not on the path.' });
    expect(health(judged, null, trans).reason).toBe(judged.summary);
  });

  it.each(['ok', null] as const)(
    'without a framework says so (%s)',
    verdict => {
      const bare = environment({ verdict, frameworks: [] });
      expect(health(bare, null, trans)).toMatchObject({
        level: 'muted',
        label: 'no framework'
      });
    }
  );

  it('of a kernelspec that cannot start goes before all else', () => {
    const problem = 'Its interpreter is gone.';
    expect(
      health(environment({ problem: 'x' }), kernelspec({ problem }), trans)
    ).toEqual({ level: 'error', label: 'cannot start', reason: problem });
    expect(
      health(
        environment(),
        kernelspec({ problem, repair: 'install-ipykernel' }),
        trans
      ).label
    ).toBe('no ipykernel');
  });

  it('without ipykernel is no ill, but for a kernel', () => {
    const bare = environment({ ipykernel: null });
    expect(health(bare, null, trans)).toMatchObject({
      level: 'muted',
      label: 'no ipykernel'
    });
  });

  it('of an activation that fails is a warning, below a framework that is broken', () => {
    const activation_problem = 'The script hung.';
    const ok = environment({ verdict: 'ok', activation_problem });
    expect(health(ok, null, trans)).toMatchObject({
      level: 'warning',
      reason: activation_problem
    });
    const broken = environment({ activation_problem });
    expect(health(broken, null, trans).level).toBe('error');
  });

  it('of a kernelspec without an environment is not known', () => {
    expect(health(null, kernelspec(), trans).level).toBe('muted');
  });
});

describe('Environments', () => {
  it('lack ipykernel where a Python is all that could run a kernel', () => {
    const bare = environment({ ipykernel: null });
    expect(lacksIpykernel(bare)).toBe(true);
    expect(lacksIpykernel({ ...bare, python: null })).toBe(false);
    expect(lacksIpykernel({ ...bare, problem: 'x' })).toBe(false);
    const own_kernels = [{ name: 'ir', display_name: 'R', language: 'R' }];
    expect(lacksIpykernel({ ...bare, own_kernels })).toBe(false);
  });

  it('are judged by our broken kernelspec, by others’ only where there is no other', () => {
    const ours = kernelspec();
    const broken = kernelspec({ name: 'b', problem: 'x' });
    const foreign = kernelspec({ name: 'f', problem: 'x', owned: false });
    expect(tellingKernelspec([ours, foreign])).toBe(ours);
    expect(tellingKernelspec([ours, broken])).toBe(broken);
    expect(tellingKernelspec([foreign])).toBe(foreign);
    expect(tellingKernelspec([])).toBeNull();
  });
});
