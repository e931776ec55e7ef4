"""A label says what matters, in few words, and no two are the same."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_tfgpu.environments import (
    DEFAULT_TEMPLATE,
    Environment,
    Framework,
    LabelError,
    OwnKernel,
    check_template,
    kernel_key,
    labels,
)

CPU = Framework(name="tensorflow", version="2.21.0", build="cpu")
GPU = Framework(name="tensorflow", version="2.20.0", build="gpu", cuda="12.5.1")
TORCH = Framework(name="torch", version="2.7.0+cu128", build="gpu", cuda="12.8")


def an_environment(prefix: str, name: str | None = None, **facts: Any) -> Environment:
    facts.setdefault("id", f"{abs(hash(prefix)):012x}"[:12])
    facts.setdefault("kind", "conda")
    facts.setdefault("python", "3.11.7")
    return Environment(prefix=prefix, name=prefix.rpartition("/")[2] if name is None else name, **facts)


def own(name: str, display_name: str = "R") -> OwnKernel:
    return OwnKernel(name=name, display_name=display_name, language="R", folder="/somewhere")


def the_label(environment: Environment, template: str = DEFAULT_TEMPLATE) -> str:
    return labels([environment], template)[environment.id]


@pytest.mark.parametrize(
    ("python", "frameworks", "expected"),
    [
        ("3.11.7", (CPU,), "tf2 · Python 3.11 · TensorFlow 2.21 (CPU build)"),
        ("3.12.1", (GPU,), "tf2 · Python 3.12 · TensorFlow 2.20"),
        ("3.11", (), "tf2 · Python 3.11"),
        (None, (), "tf2"),
        ("3.11", (Framework(name="torch", version="2.7.0+rocm6.3", build="gpu"),),
         "tf2 · Python 3.11 · PyTorch 2.7"),
        ("3.11", (Framework(name="mxnet"),), "tf2 · Python 3.11 · MXNet"),
        ("3.11", (CPU, TORCH), "tf2 · Python 3.11 · TensorFlow 2.21 (CPU build)"),
    ],
)  # fmt: skip
def test_the_default(python: str | None, frameworks: tuple[Framework, ...], expected: str) -> None:
    assert the_label(an_environment("/envs/tf2", python=python, frameworks=frameworks)) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{name}", "tf2"),
        ("{language} {python} · {name} · {kind}", "Python 3.12 · tf2 · conda"),
        ("{name} · {frameworks}", "tf2 · TensorFlow 2.20, PyTorch 2.7"),
        ("{framework} · CUDA {cuda}", "TensorFlow 2.20 · CUDA 12.5"),
        ("[{kind}:{name}] {{x}}", "[conda:tf2] {x}"),
        ("  {name}  ·  {python}  ", "tf2 · 3.12"),
    ],
)
def test_a_template(template: str, expected: str) -> None:
    environment = an_environment("/envs/tf2", python="3.12.1", frameworks=(GPU, TORCH))
    assert the_label(environment, template) == expected


def test_a_part_whose_field_is_not_known_is_left_out() -> None:
    bare = an_environment("/envs/bare", python=None)
    assert the_label(bare, "Python {python} · CUDA {cuda} · {name} · {frameworks}") == "bare"
    assert the_label(bare, "Python {python} · {kind} {cuda}") == "conda"
    assert the_label(bare, "Python {python}") == "bare"


@pytest.mark.parametrize(
    "template",
    ["", "   ", "no field", "{foo}", "{}", "{0}", "{name!r}", "{name:>999999999}", "{name", "name}",
     "{name.__class__}", "{name[0]}", "{name · {python}}", "{name}\n", "{name}\0", "{name}" + "x" * 200],
)  # fmt: skip
def test_a_template_that_cannot_be_used_is_refused_with_a_sentence(template: str) -> None:
    for refused in (check_template, lambda text: labels([], text)):
        with pytest.raises(LabelError, match=r"template .*\.$"):
            refused(template)


def test_of_two_of_one_name_each_says_where_it_lies() -> None:
    first = an_environment("/home/u/miniforge3/envs/tf2")
    second = an_environment("/opt/conda/envs/tf2")
    other = an_environment("/opt/conda/envs/other")
    made = labels([first, other, second])
    assert made[first.id] == "tf2 (miniforge3) · Python 3.11"
    assert made[second.id] == "tf2 (conda) · Python 3.11"
    assert made[other.id] == "other · Python 3.11"


def test_the_order_they_come_in_does_not_matter() -> None:
    environments = [an_environment(f"/{place}/envs/tf2") for place in ("a", "b/c", "b/d", "e")]
    expected = labels(environments)
    for seed in range(5):
        random.Random(seed).shuffle(environments)
        assert labels(environments) == expected


def test_what_the_label_tells_apart_needs_no_path() -> None:
    old, new = an_environment("/a/tf2", python="3.9"), an_environment("/b/tf2", python="3.12")
    assert set(labels([old, new]).values()) == {"tf2 · Python 3.9", "tf2 · Python 3.12"}


def test_without_the_name_in_the_template_names_are_added_where_they_are_needed() -> None:
    first, second = an_environment("/envs/a"), an_environment("/envs/b")
    third = an_environment("/envs/c", python="3.8")
    made = labels([first, second, third], "Python {python}")
    assert list(map(made.get, (first.id, second.id, third.id))) == [
        "Python 3.11 · a", "Python 3.11 · b", "Python 3.8"
    ]  # fmt: skip


def test_a_name_that_looks_like_another_label_is_still_told_apart() -> None:
    first, second = an_environment("/x/tf2"), an_environment("/y/tf2")
    sly = an_environment("/z", name="tf2 (x)")
    made = labels([first, second, sly])
    assert made[sly.id] == "tf2 (x) · Python 3.11"
    assert made[first.id] == f"tf2 (x) · Python 3.11 ({first.id[:6]})"


def test_kernels_of_other_languages_are_named_after_environment_and_language() -> None:
    environment = an_environment("/envs/stats", own_kernels=(own("ir"), own("julia-1.10", "Julia 1.10")))
    made = labels([environment])
    assert made[environment.id] == "stats · Python 3.11"
    assert made[kernel_key(environment.id, "ir")] == "stats · R"
    assert made[kernel_key(environment.id, "julia-1.10")] == "stats · Julia 1.10"
    assert labels([environment], "{language} – {name}")[kernel_key(environment.id, "ir")] == "R – stats"


def test_an_environment_without_a_python_has_its_name_alone() -> None:
    environment = an_environment("/envs/r-only", python=None, own_kernels=(own("ir"),))
    assert set(labels([environment], "{name} · {language}").values()) == {"r-only", "r-only · R"}


def test_two_kernels_of_one_display_name_are_told_apart() -> None:
    environment = an_environment("/envs/stats", own_kernels=(own("ir"), own("ir-dev")))
    made = labels([environment])
    assert made[kernel_key(environment.id, "ir")] == "stats (ir) · R"
    assert made[kernel_key(environment.id, "ir-dev")] == "stats (ir-dev) · R"


def test_names_are_shown_on_one_line() -> None:
    assert the_label(an_environment("/e", name="a\nb\x1b[31m\udcff", python=None)) == "a b [31m"
    assert the_label(an_environment("/e", name="한글 환경", python=None)) == "한글 환경"
    assert the_label(an_environment("/e", name="\n", python=None)) == "?"


_words = st.text(alphabet="ab()·{} \n'", max_size=5)
_environments = st.lists(
    st.builds(
        an_environment,
        st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map(lambda parts: "/" + "/".join(parts)),
        _words,
        python=st.sampled_from([None, "3.11.7", "3.12"]),
        own_kernels=st.lists(
            st.builds(own, st.sampled_from(["ir", "jl"]), _words), unique_by=lambda kernel: kernel.name
        ).map(tuple),
    ),
    unique_by=lambda environment: environment.prefix,
    max_size=12,
)  # fmt: skip


@given(_environments, st.sampled_from([DEFAULT_TEMPLATE, "{python}", "{kind} · {language}", "{name}{name}"]))
def test_labels_are_unique_and_never_empty(environments: list[Environment], template: str) -> None:
    made = labels(environments, template)
    expected = {kernel_key(each.id, None) for each in environments}
    expected |= {kernel_key(each.id, kernel.name) for each in environments for kernel in each.own_kernels}
    assert set(made) == expected
    assert len(set(made.values())) == len(made)
    assert all(text.strip() and text.isprintable() for text in made.values())
