import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { ApiError, describeError } from '../api';
import type { Environment, Kernelspec, Report } from '../api';
import { Command, Message, shortPath } from '../ui';
import type { IEnvironmentActions } from './actions';
import { VerdictBadge } from './badge';
import { frameworkText, ownedKernelspecs } from './names';
import { ReportView } from './report';

/** How long it is said that a kernel was added, in milliseconds. */
const SAID = 5000;

interface ICardProps {
  environment: Environment;
  actions: IEnvironmentActions;
  trans: TranslationBundle;
}

/** One environment: what it holds, whether it is fit to train, and what can be done with it. */
export const EnvironmentCard = React.memo(
  (props: ICardProps): React.ReactElement => {
    const { environment, trans } = props;
    return (
      <section
        className="jp-tfgpu-Card jp-tfgpu-Environment"
        aria-label={environment.label}
        data-environment={environment.name}
      >
        <header className="jp-tfgpu-Card-header">
          <span className="jp-tfgpu-Environment-name" title={environment.label}>
            {environment.name}
          </span>
          <VerdictBadge environment={environment} trans={trans} />
        </header>
        <Facts {...props} />
        {environment.problem && (
          <Message level="warning">{environment.problem}</Message>
        )}
        <Buttons {...props} />
      </section>
    );
  }
);

function Facts({ environment, trans }: ICardProps): React.ReactElement {
  const python =
    environment.python && trans.__('Python %1', environment.python);
  // Of a broken environment it is not known.
  const bare = environment.ipykernel === null && environment.problem === null;
  return (
    <div className="jp-tfgpu-Environment-facts">
      <div>
        {[environment.kind, python, bare && trans.__('no ipykernel')]
          .filter(Boolean)
          .join(' · ')}
      </div>
      {environment.frameworks.map(framework => (
        <div key={framework.name}>{frameworkText(framework, trans)}</div>
      ))}
      <div className="jp-tfgpu-Note" title={environment.prefix}>
        {shortPath(environment.prefix)}
      </div>
    </div>
  );
}

function Buttons({
  environment,
  actions,
  trans
}: ICardProps): React.ReactElement {
  const change = useTask();
  const asking = useTask();
  const [report, setReport] = React.useState<Report | null>(null);
  const owned = ownedKernelspecs(environment);
  const showReport = () =>
    asking.run(async () => setReport(await actions.report(environment)));
  return (
    <>
      <div className="jp-tfgpu-Environment-buttons">
        {owned.length === 0 ? (
          <button
            type="button"
            className="jp-tfgpu-Button"
            disabled={change.busy}
            aria-label={trans.__('Add a kernel for %1', environment.name)}
            title={trans.__(
              'The kernel picker and the launcher then offer it.'
            )}
            onClick={() =>
              change.run(async () => {
                const added = await actions.addKernel(environment);
                sayAdded(added, trans);
              })
            }
          >
            {change.busy ? trans.__('Adding…') : trans.__('Add kernel')}
          </button>
        ) : (
          <button
            type="button"
            className="jp-tfgpu-Button"
            disabled={change.busy}
            aria-label={trans.__('Remove the kernel of %1', environment.name)}
            title={trans.__(
              'Removes the kernelspec %1; the environment stays.',
              owned.join(', ')
            )}
            onClick={() =>
              change.run(async () => {
                for (const name of owned) {
                  await actions.removeKernel(name);
                }
              })
            }
          >
            {change.busy ? trans.__('Removing…') : trans.__('Remove kernel')}
          </button>
        )}
        <button
          type="button"
          className="jp-tfgpu-Button"
          disabled={asking.busy}
          aria-expanded={report !== null}
          aria-label={trans.__('Report on %1', environment.name)}
          title={trans.__(
            'Why a framework would not use the GPU, and what to do'
          )}
          onClick={() => (report ? setReport(null) : showReport())}
        >
          {asking.busy ? trans.__('Looking…') : trans.__('Report')}
        </button>
      </div>
      <Failed error={change.error ?? asking.error} trans={trans} />
      {report && <ReportView report={report} trans={trans} />}
    </>
  );
}

function sayAdded(added: Kernelspec, trans: TranslationBundle): void {
  Notification.success(trans.__('Kernel added: %1', added.display_name), {
    autoClose: SAID
  });
}

/** Why an action failed, with the command that helps where the server names one. */
function Failed(props: {
  error: unknown;
  trans: TranslationBundle;
}): React.ReactElement | null {
  const { error, trans } = props;
  if (!error) {
    return null;
  }
  const command =
    error instanceof ApiError ? error.detail['command'] : undefined;
  const sentence = describeError(error, trans);
  return (
    <Message level="error">
      {command ? withoutEnd(sentence, command) : sentence}
      {command && <Command text={command} trans={trans} />}
    </Message>
  );
}

/** A sentence that ends with a command, without the command that is shown below it. */
function withoutEnd(sentence: string, command: string): string {
  return sentence.endsWith(command)
    ? sentence.slice(0, -command.length).trimEnd()
    : sentence;
}

/** An action under way, and how it failed last. */
function useTask(): {
  busy: boolean;
  error: unknown;
  run: (action: () => Promise<void>) => void;
} {
  const [state, setState] = React.useState<{ busy: boolean; error: unknown }>({
    busy: false,
    error: null
  });
  const run = (action: () => Promise<void>) => {
    setState({ busy: true, error: null });
    action().then(
      () => setState({ busy: false, error: null }),
      (error: unknown) => setState({ busy: false, error })
    );
  };
  return { ...state, run };
}
