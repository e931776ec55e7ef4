"""Do Keras, tf-keras and what needs them belong to this TensorFlow? Keras is judged by its backend: with
another one TensorFlow's releases do not matter to it."""

from __future__ import annotations

from ..fixes.packages import another_release, install_beside
from ..knowledge.packages import keras2_libraries, keras_partners
from ..packages import described, listed, one_solver, owners, version
from ..report import Finding, Fix
from ..snapshot import Distribution
from ..subject import Subject
from ..versions import minor, numbers
from .rule import Found, Rule

OWN_KERAS = (2, 6)
"""From this TensorFlow on, tf.keras is the package keras (tf-keras with TF_USE_LEGACY_KERAS); before, it is a
part of TensorFlow, and the package keras is only used by programs that import it."""
KERAS_3 = (2, 16)
"""From this TensorFlow on, tf.keras is Keras 3."""


def keras_incompatible(subject: Subject) -> Found | None:
    """The package keras or tf-keras is not one of this TensorFlow release, or a library needs Keras 2 where
    there is only Keras 3."""
    if subject.name != "tensorflow" or _other_backend(subject):
        return None
    release = version(subject)[:2]
    if len(release) < 2:
        return None
    if _legacy(subject) and release >= KERAS_3:
        return _tf_keras(subject, release) or _tf_keras_missing(subject)
    return (
        _keras(subject, release)
        or (_tf_keras(subject, release) if release >= KERAS_3 else None)
        or (_keras_2_needed(subject) if release >= KERAS_3 else None)
    )


def _other_backend(subject: Subject) -> bool:
    stated = (subject.snapshot.variables or {}).get("KERAS_BACKEND") or subject.environment.keras_backend
    return bool(stated) and str(stated).lower() != "tensorflow"


def _legacy(subject: Subject) -> bool:
    value = (subject.snapshot.variables or {}).get("TF_USE_LEGACY_KERAS")
    return str(value or "").lower() in ("1", "true")


def _keras(subject: Subject, release: tuple[int, ...]) -> Found | None:
    keras = subject.distribution("keras")
    found = numbers(keras.version) if keras else ()
    if keras is None or not found or one_solver(subject, keras):
        return None
    mine = [each for each in keras_partners() if each.keras.holds(found)]
    if not mine or any(each.tensorflow.holds(release) for each in mine):
        return None
    fitting = [each.requirement for each in keras_partners() if each.tensorflow.holds(release)]
    return _finding(
        subject,
        keras,
        title=f"Keras {keras.version} does not belong to {subject.title}",
        detail=_consequence(keras, found, release),
        fixes=another_release(subject, keras, fitting[-1]) if fitting else (),
        becomes_keras_3=release == (2, 15) and found >= (3,),
    )


def _consequence(keras: Distribution, found: tuple[int, ...], release: tuple[int, ...]) -> str:
    name = f"TensorFlow {release[0]}.{release[1]}"
    if release == (2, 15) and found >= (3,):
        return (
            f"{name} takes the package keras as its tf.keras, which with {keras.version} becomes Keras 3: "
            "models, layers and files of Keras 2 fail in many places."
        )
    if release >= OWN_KERAS:
        wanted = "Keras 3" if release >= KERAS_3 else f"keras {release[0]}.{release[1]}"
        return (
            f"tf.keras of {name} is the package keras, and has to be {wanted}: tf.keras fails with this one."
        )
    return (
        f"Programs that import keras fail with {name}: this Keras calls functions that it does not have. "
        f"tf.keras is a part of {name} and not concerned."
    )


def _tf_keras(subject: Subject, release: tuple[int, ...]) -> Found | None:
    legacy = subject.distribution("tf-keras")
    found = minor(legacy.version) if legacy else None
    if legacy is None or found is None or found == release or one_solver(subject, legacy):
        return None
    fails = found > release or found < KERAS_3
    wanted = f"tf-keras=={release[0]}.{release[1]}.*"
    return _finding(
        subject,
        legacy,
        title=f"tf-keras {legacy.version} does not belong to {subject.title}",
        detail=f"tf-keras is made for the TensorFlow of the same minor release, and "
        f"{'fails' if fails else 'may fail'} with another one.",
        fixes=another_release(subject, legacy, wanted),
        certain=fails,
    )


def _tf_keras_missing(subject: Subject) -> Found | None:
    if not subject.distributions or subject.distribution("tf-keras") is not None:
        return None
    return Found(
        Finding(
            code="keras-incompatible",
            severity="error",
            framework="tensorflow",
            title="TF_USE_LEGACY_KERAS is set, and tf-keras is not installed",
            detail=f"With this variable tf.keras of {subject.title} is the package tf-keras, which is not in "
            "the environment: every use of tf.keras fails.",
            evidence=("TF_USE_LEGACY_KERAS is set in the kernel", *_evidence(subject)),
            fixes=install_beside(subject, _tf_keras_requirement(subject)),
        )
    )


def _keras_2_needed(subject: Subject) -> Found | None:
    """Silent where PyTorch is there too and nobody chose TensorFlow: these libraries then run on PyTorch."""
    if not subject.distributions or subject.distribution("tf-keras") is not None:
        return None
    needy = [
        each
        for name, releases in keras2_libraries().items()
        if (each := subject.distribution(name)) and releases.holds(numbers(each.version))
    ]
    torch_too = any(each.name == "torch" for each in subject.environment.frameworks or ())
    if not needy or (torch_too and not subject.asked and subject.said("keras-3-old-code") is None):
        return None
    names = listed(f"{each.name} {each.version}" for each in needy)
    return Found(
        Finding(
            code="keras-incompatible",
            severity="error",
            framework="tensorflow",
            title=f"{names} needs Keras 2, and {subject.title} brings Keras 3"
            if len(needy) == 1
            else f"{names} need Keras 2, and {subject.title} brings Keras 3",
            detail="Their TensorFlow code is written for Keras 2, which since TensorFlow 2.16 is the package "
            "tf-keras. It is not installed.",
            evidence=(*_evidence(subject), *(described(each) for each in needy)),
            fixes=(
                *install_beside(subject, _tf_keras_requirement(subject)),
                Fix(
                    title="And have tf.keras be Keras 2 too, where your own code needs that: "
                    "TF_USE_LEGACY_KERAS=1 in the kernelspec, before TensorFlow is imported",
                    where="kernelspec",
                ),
            ),
        )
    )


def _tf_keras_requirement(subject: Subject) -> str:
    release = version(subject)
    return f"tf-keras=={release[0]}.{release[1]}.*"


def _evidence(subject: Subject) -> tuple[str, ...]:
    keras = subject.distribution("keras")
    found = (*owners(subject)[:2], *((keras,) if keras else ()))
    return tuple(described(each) for each in found)


def _finding(
    subject: Subject,
    keras: Distribution,
    *,
    title: str,
    detail: str,
    fixes: tuple[Fix, ...],
    certain: bool = True,
    becomes_keras_3: bool = False,
) -> Found:
    return Found(
        Finding(
            code="keras-incompatible",
            severity="error" if certain and not becomes_keras_3 else "warning",
            framework="tensorflow",
            title=title,
            detail=detail,
            evidence=(described(keras), *(described(each) for each in owners(subject)[:2])),
            fixes=fixes,
        )
    )


RULES = (Rule("keras-incompatible", "framework", keras_incompatible),)
