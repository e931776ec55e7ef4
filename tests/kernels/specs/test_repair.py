"""What makes a kernelspec start again, and when nothing can."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_tfgpu.environments import Environment, OwnKernel
from jupyter_tfgpu.kernels.specs.errors import NotOwned, NotRepairable
from jupyter_tfgpu.kernels.specs.installed import InstalledSpec
from jupyter_tfgpu.kernels.specs.repair import plan_repair

GONE = "The interpreter /envs/tf2/bin/python no longer exists."


def an_environment(prefix: str = "/envs/tf2", **facts: Any) -> Environment:
    facts = {"name": "tf2", "interpreter": f"{prefix}/bin/python", "ipykernel": "7.4.0", **facts}
    return Environment(id=f"id of {prefix}", kind="venv", prefix=prefix, **facts)


def a_spec(**facts: Any) -> InstalledSpec:
    mark = {"owned": True, "name": "tf2", "kernel": facts.pop("kernel", None)}
    known: dict[str, Any] = {
        "name": "tfgpu-tf2",
        "display_name": "tf2",
        "language": "python",
        "folder": "/data/kernels/tfgpu-tf2",
        "owned": True,
        "mark": mark,
        "prefix": "/envs/tf2",
        "environment": "id of /envs/tf2",
        "interpreter": "/envs/tf2/bin/python",
        "interpreter_exists": True,
    }
    return InstalledSpec(**{**known, **facts})


def gone() -> InstalledSpec:
    return a_spec(problem=f"{GONE} Repair it.", interpreter_exists=False)


def test_one_that_starts_needs_nothing() -> None:
    here = an_environment()
    plan = plan_repair(a_spec(), here, [here])
    assert (plan.what, plan.environment) == ("nothing", here)


def test_an_interpreter_under_another_name() -> None:
    here = an_environment(interpreter="/envs/tf2/bin/python3")
    plan = plan_repair(gone(), here, [here])
    assert (plan.what, plan.environment) == ("rewrite", here)
    assert plan.why == f"{GONE} Repairing makes it start /envs/tf2/bin/python3."


def test_ipykernel_that_is_missing() -> None:
    here = an_environment(ipykernel=None)
    plan = plan_repair(a_spec(), here, [here])
    assert (plan.what, plan.environment) == ("install-ipykernel", here)
    assert plan.why == (
        "ipykernel is not installed in 'tf2', so this kernel cannot start. Repairing installs it."
    )


@pytest.mark.parametrize("here", [None, an_environment(interpreter=None, problem="Its link is broken.")])
def test_an_environment_that_was_moved_is_found_by_its_name(here: Environment | None) -> None:
    moved = an_environment("/new/tf2")
    others = [an_environment("/new/other", name="other"), moved]
    plan = plan_repair(gone(), here, [*others, *([here] if here else [])])
    assert (plan.what, plan.environment) == ("rewrite", moved)
    assert plan.why == "/envs/tf2 is gone. Repairing makes it start the 'tf2' in /new/tf2."


def test_an_environment_that_was_made_again_without_ipykernel() -> None:
    moved = an_environment("/new/tf2", ipykernel=None)
    plan = plan_repair(gone(), None, [moved])
    assert (plan.what, plan.environment) == ("install-ipykernel", moved)
    assert "now at /new/tf2" in plan.why


def test_of_several_of_the_name_none_is_taken() -> None:
    both = [an_environment("/a/tf2"), an_environment("/b/tf2")]
    with pytest.raises(NotRepairable, match=r"2 others are called 'tf2': /a/tf2, /b/tf2\. Add a kernelspec"):
        plan_repair(gone(), None, both)


def test_without_any_the_user_is_told_what_to_do() -> None:
    with pytest.raises(NotRepairable) as error:
        plan_repair(gone(), None, [an_environment("/a/other", name="other")])
    assert str(error.value) == (
        f"{GONE} No other is called 'tf2'. Make the environment again, or remove this kernelspec."
    )


def test_what_is_wrong_with_the_environment_is_said_where_that_is_the_cause() -> None:
    here = an_environment(interpreter=None, problem="The interpreter is a link to nothing.")
    with pytest.raises(NotRepairable, match=r"^The interpreter is a link to nothing\. No other"):
        plan_repair(gone(), here, [here])


def test_an_environment_without_a_python_of_the_same_name_does_not_do() -> None:
    with pytest.raises(NotRepairable):
        plan_repair(gone(), None, [an_environment("/r/tf2", interpreter=None)])


def test_an_own_kernel() -> None:
    own = OwnKernel(name="ir", display_name="R", language="R", folder="/new/tf2/share/jupyter/kernels/ir")
    moved = an_environment("/new/tf2", interpreter=None, ipykernel=None, own_kernels=(own,))
    spec = a_spec(kernel="ir", problem="gone", interpreter="/envs/tf2/bin/R", interpreter_exists=False)
    plan = plan_repair(spec, None, [an_environment("/x/tf2"), moved])
    assert (plan.what, plan.environment) == ("rewrite", moved)
    with pytest.raises(NotRepairable):
        plan_repair(spec, an_environment(), [an_environment()])


def test_somebody_elses_is_left_alone() -> None:
    spec = a_spec(owned=False, mark=None)
    with pytest.raises(NotOwned, match="left as it is"):
        plan_repair(spec, an_environment(), [])
