import type { TranslationBundle } from '@jupyterlab/translation';
import { closeIcon, editIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Kernelspec } from '../api';
import { ActionButton, Failed, Message } from '../ui';
import { Rename } from './rename';
import type { IEnvironmentActions } from './tokens';
import { useAction } from './use';

interface IKernelspecProps {
  kernelspec: Kernelspec;
  actions: IEnvironmentActions;
  trans: TranslationBundle;
}

/** A kernelspec: what it is called, whether it would start, and for one of ours what can be done. */
export function KernelspecRow(props: IKernelspecProps): React.ReactElement {
  const { kernelspec, trans } = props;
  const { name, display_name, owned } = kernelspec;
  const [renaming, setRenaming] = React.useState(false);
  const change = useAction();
  return (
    <li className="jp-tfgpu-Kernelspec" data-kernelspec={name}>
      <div className="jp-tfgpu-Kernelspec-row">
        {renaming ? (
          <Rename
            name={display_name}
            label={trans.__('New name of %1', display_name)}
            placeholder={trans.__('Named after its environment')}
            onEnd={text => {
              setRenaming(false);
              if (text !== null) {
                change.run(handler =>
                  props.actions.renameKernel(kernelspec, text, handler)
                );
              }
            }}
          />
        ) : (
          <span className="jp-tfgpu-Kernelspec-name">{display_name}</span>
        )}
        {owned && (
          <Changes
            {...props}
            change={change}
            renaming={renaming}
            onRename={() => setRenaming(true)}
          />
        )}
      </div>
      <div className="jp-tfgpu-Note">
        <code>{name}</code>
        {!owned && ` · ${trans.__('not written from here, left as it is')}`}
      </div>
      <Problem {...props} />
      <Failed error={change.error} trans={trans} />
    </li>
  );
}

function Changes(
  props: IKernelspecProps & {
    change: ReturnType<typeof useAction>;
    renaming: boolean;
    onRename: () => void;
  }
): React.ReactElement {
  const { kernelspec, actions, change, trans } = props;
  const rename = React.useRef<HTMLButtonElement>(null);
  const renamed = React.useRef(false);
  React.useEffect(() => {
    // The focus goes back to where renaming began.
    if (renamed.current && !props.renaming) {
      rename.current?.focus();
    }
    renamed.current = props.renaming;
  }, [props.renaming]);
  const { display_name } = kernelspec;
  return (
    <>
      <button
        ref={rename}
        type="button"
        className="jp-tfgpu-IconButton"
        title={trans.__('Rename')}
        aria-label={trans.__('Rename %1', display_name)}
        aria-disabled={change.busy || undefined}
        onClick={() => !change.busy && props.onRename()}
      >
        <editIcon.react tag="span" stylesheet="menuItem" />
      </button>
      <button
        type="button"
        className="jp-tfgpu-IconButton"
        title={trans.__('Remove this kernel; the environment stays')}
        aria-label={trans.__('Remove %1', display_name)}
        aria-disabled={change.busy || undefined}
        onClick={() =>
          change.run(handler => actions.removeKernel(kernelspec, handler))
        }
      >
        <closeIcon.react tag="span" stylesheet="menuItem" />
      </button>
    </>
  );
}

/** Why it would not start, with the way out where we know one. */
function Problem({
  kernelspec,
  actions,
  trans
}: IKernelspecProps): React.ReactElement | null {
  const repair = useAction();
  const { problem, display_name } = kernelspec;
  if (problem === null) {
    return null;
  }
  return (
    <>
      <Message level="error">{problem}</Message>
      {kernelspec.repair !== null && (
        <div className="jp-tfgpu-Environment-buttons">
          <ActionButton
            label={
              repair.busy
                ? trans.__('Repairing…')
                : repairText(kernelspec, trans)
            }
            name={trans.__('Repair %1', display_name)}
            busy={repair.busy}
            onClick={() =>
              repair.run(handler => actions.repair(kernelspec, handler))
            }
          />
        </div>
      )}
      <Failed error={repair.error} trans={trans} />
    </>
  );
}

/** What repairing a kernelspec would do, on its button. */
export function repairText(
  { repair }: Kernelspec,
  trans: TranslationBundle
): string {
  return repair === 'install-ipykernel'
    ? trans.__('Install ipykernel…')
    : trans.__('Repair');
}
