import type { TranslationBundle } from '@jupyterlab/translation';
import { caretDownIcon, caretRightIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Environment, Kernelspec, Task } from '../api';
import { ActionButton, Failed, Marked, Message, shortPath } from '../ui';
import { HealthBadge } from './badge';
import { Details } from './details';
import { health, lacksIpykernel, tellingKernelspec } from './health';
import { repairText } from './kernelspec';
import { frameworkText } from './names';
import { TaskView } from './task';
import type { IEnvironmentActions, IHandler } from './tokens';
import { useAction } from './use';

export interface ICardProps {
  environment: Environment;
  kernelspecs: Kernelspec[];
  /** What is done with it now, or failed lately. */
  task: Task | null;
  onDismiss: (task: Task) => void;
  actions: IEnvironmentActions;
  trans: TranslationBundle;
}

/** One environment in three lines, and all that is known of it once it is opened. */
export const EnvironmentCard = React.memo(
  (props: ICardProps): React.ReactElement => {
    const { environment, kernelspecs, task, actions, trans } = props;
    const [open, setOpen] = React.useState(false);
    const telling = tellingKernelspec(kernelspecs);
    const failing = telling?.problem ? telling : null;
    const fit = health(environment, telling, trans);
    const wrong = fit.level === 'error' || fit.level === 'warning';
    const told = [environment.problem, environment.activation_problem];
    const Caret = open ? caretDownIcon : caretRightIcon;
    return (
      <section
        className="jp-tfgpu-Card jp-tfgpu-Environment"
        aria-label={environment.label}
        data-environment={environment.name}
        data-item={environment.id}
      >
        <header className="jp-tfgpu-Card-header">
          <button
            type="button"
            className="jp-tfgpu-Environment-name"
            title={environment.label}
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            <Caret.react tag="span" stylesheet="menuItem" />
            <span>{environment.name}</span>
          </button>
          <HealthBadge health={fit} />
        </header>
        <Facts environment={environment} trans={trans} />
        {wrong && !told.includes(fit.reason) && (
          <div className="jp-tfgpu-Environment-reason">
            <Marked text={fit.reason} />
          </div>
        )}
        {environment.problem && (
          <Message level="warning">{environment.problem}</Message>
        )}
        {environment.activation_problem && (
          <Message level="warning">{environment.activation_problem}</Message>
        )}
        <Foot {...props} failing={failing} />
        {task && (
          <TaskView
            task={task}
            actions={actions}
            onDismiss={props.onDismiss}
            trans={trans}
          />
        )}
        {open && <Details {...props} />}
      </section>
    );
  }
);

/** Python and the first framework; the others are counted. */
function Facts(props: {
  environment: Environment;
  trans: TranslationBundle;
}): React.ReactElement {
  const { environment, trans } = props;
  const [first, ...others] = environment.frameworks;
  const facts = [
    environment.kind,
    environment.python && trans.__('Python %1', environment.python),
    first && frameworkText(first, trans),
    others.length > 0 && trans.__('+%1', others.length),
    lacksIpykernel(environment) && trans.__('no ipykernel')
  ];
  return (
    <div className="jp-tfgpu-Environment-facts">
      {facts.filter(Boolean).join(' · ')}
    </div>
  );
}

/** Where it lies, and what is done with it most. */
function Foot(
  props: ICardProps & { failing: Kernelspec | null }
): React.ReactElement {
  const { environment, trans } = props;
  const action = useAction();
  const next = primary(props);
  return (
    <>
      <div className="jp-tfgpu-Environment-foot">
        <span
          className="jp-tfgpu-Environment-path jp-tfgpu-Note"
          title={environment.prefix}
        >
          {shortPath(environment.prefix)}
        </span>
        {next && (
          <ActionButton
            label={action.busy ? next.busy : next.label}
            name={next.name}
            title={next.title}
            busy={action.busy}
            onClick={() => action.run(next.run)}
          />
        )}
      </div>
      <Failed error={action.error} trans={trans} />
    </>
  );
}

interface IPrimary {
  label: string;
  busy: string;
  name: string;
  title: string;
  run: (handler: IHandler) => Promise<unknown>;
}

/** The action of the button that is always there: to repair, to add or to remove the Python's kernel. */
function primary({
  environment,
  kernelspecs,
  failing,
  task,
  actions,
  trans
}: ICardProps & { failing: Kernelspec | null }): IPrimary | null {
  const { name, python, problem } = environment;
  if (task?.state === 'running') {
    return null;
  }
  if (failing?.repair) {
    return {
      label: repairText(failing, trans),
      busy: trans.__('Repairing…'),
      name: trans.__('Repair the kernel of %1', name),
      title: failing.problem ?? '',
      run: handler => actions.repair(failing, handler)
    };
  }
  const [owned, ...more] = kernelspecs.filter(
    each => each.owned && each.kernel === null
  );
  if (owned === undefined) {
    return python === null || problem !== null
      ? null
      : {
          label: lacksIpykernel(environment)
            ? trans.__('Add kernel…')
            : trans.__('Add kernel'),
          busy: trans.__('Adding…'),
          name: trans.__('Add a kernel for %1', name),
          title: trans.__('The kernel picker and the launcher then offer it.'),
          run: handler => actions.addKernel(environment, undefined, handler)
        };
  }
  // Where there are several, each is removed in its own row.
  return more.length > 0
    ? null
    : {
        label: trans.__('Remove kernel'),
        busy: trans.__('Removing…'),
        name: trans.__('Remove the kernel of %1', name),
        title: trans.__(
          'Removes the kernelspec %1; the environment stays.',
          owned.name
        ),
        run: handler => actions.removeKernel(owned, handler)
      };
}
