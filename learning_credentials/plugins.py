"""Provide the decorators of processors and generators. They declare the options and features of a plug-in.

A plug-in is a function at the top level of a module that ``PROCESSOR_MODULES`` or ``GENERATOR_MODULES`` lists. The name of a processor
begins with ``retrieve_``, the name of a generator with ``generate_``. A function that declares nothing needs no decorator.

The decorators return the function itself, with the attributes ``title``, ``options_model``, ``criteria``, ``prepare`` and
``needs_badge``. A host can also set these attributes by hand.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, overload

from django.utils.functional import Promise

from learning_credentials.exceptions import ConfigurationError
from learning_credentials.options import Options

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from learning_credentials.data import Artifact, AssetReader, CredentialData, CriteriaSource

PROCESSOR_PREFIX = "retrieve_"
GENERATOR_PREFIX = "generate_"
_DECORATORS = {PROCESSOR_PREFIX: "@processor", GENERATOR_PREFIX: "@generator"}


class ProcessorFunction(Protocol):
    """A function that returns which learners are eligible. It can also have a parameter ``user_ids``: a batch of learners."""

    def __call__(
        self, learning_context_key: str, options: dict[str, Any], /, *, user_id: int | None = None
    ) -> Mapping[int, Mapping[str, Any]]:
        """Return a mapping by user id. Each value has at least the key ``is_eligible``."""
        ...


class CriteriaWriter(Protocol):
    """Writes what a learner must do to earn a credential, from the options in force.

    The app calls `collect` once for all learners of a generation run, and stores the facts on each credential. It calls `write` whenever
    somebody reads the criteria, perhaps years later and in another language.
    """

    def collect(self, source: CriteriaSource, /) -> Mapping[str, Any] | None:
        """Return everything that `write` needs, such as limits and titles, as a JSON object. None or an empty object: there is no text.

        It can ask the LMS, and can raise the errors of a processor.
        """
        ...

    def write(self, facts: Mapping[str, Any], language: str, /) -> str:
        """Return the text in a language, such as ``fr``. The language is active. Without texts in it, write in another language."""
        ...


class GeneratorFunction(Protocol):
    """A function that makes the artifact of one credential."""

    def __call__(self, credential: CredentialData, options: dict[str, Any], /) -> Artifact:
        """Return the artifact."""
        ...


class NeedsBadge(Protocol):
    """Says whether a generator with some options makes badges."""

    def __call__(self, options: Mapping[str, Any], /) -> bool:
        """Return whether the generator reads ``credential.badge``."""
        ...


class PrepareFunction(Protocol):
    """A function that prepares, once for a chunk, what its credentials share."""

    def __call__(self, options: dict[str, Any], assets: AssetReader, /) -> Callable[[CredentialData], Artifact]:
        """Return a function that makes the artifact of one credential."""
        ...


ProcessorT = TypeVar("ProcessorT", bound=ProcessorFunction)
GeneratorT = TypeVar("GeneratorT", bound=GeneratorFunction)


@overload
def processor(function: ProcessorT, /) -> ProcessorT: ...


@overload
def processor(
    *, title: str | Promise = "", options: type[Options] | None = None, criteria: CriteriaWriter | None = None
) -> Callable[[ProcessorT], ProcessorT]: ...


def processor(
    function: Any = None,
    /,
    *,
    title: str | Promise = "",
    options: type[Options] | None = None,
    criteria: CriteriaWriter | None = None,
) -> Any:
    """Declare a processor: a function named ``retrieve_*``, see `ProcessorFunction`.

    Args:
        function: given by Python if the decorator has no parentheses.
        title: what the function does, for the operator who chooses it, such as "Completed share of the course". Without it, the admin shows
            the first line of the docstring.
        options: the model of its options. None: the function accepts any option.
        criteria: writes the text of the criteria, see `CriteriaWriter`. None: credentials have only the text that an operator enters.

    Raises:
        ConfigurationError: the function or an argument is wrong. The message names the function and says what to change.
    """
    return _decorate(function, PROCESSOR_PREFIX, options, title=title, criteria=criteria)


@overload
def generator(function: GeneratorT, /) -> GeneratorT: ...


@overload
def generator(
    *,
    title: str | Promise = "",
    options: type[Options] | None = None,
    prepare: PrepareFunction | None = None,
    needs_badge: bool | NeedsBadge = False,
) -> Callable[[GeneratorT], GeneratorT]: ...


def generator(
    function: Any = None,
    /,
    *,
    title: str | Promise = "",
    options: type[Options] | None = None,
    prepare: PrepareFunction | None = None,
    needs_badge: bool | NeedsBadge = False,
) -> Any:
    """Declare a generator: a function named ``generate_*``, see `GeneratorFunction`.

    Args:
        function: given by Python if the decorator has no parentheses.
        title: what the function makes, for the operator who chooses it, such as "PDF certificate". Without it, the admin shows the first
            line of the docstring.
        options: the model of its options. None: the function accepts any option.
        prepare: called once for each chunk of credentials, see `PrepareFunction`. None: the worker calls the generator for each credential.
        needs_badge: whether ``credential.badge`` must be there, or a function that says so for some options. The app then reads what a
            badge says for every credential.

    Raises:
        ConfigurationError: the function or an argument is wrong. The message names the function and says what to change.
    """
    return _decorate(function, GENERATOR_PREFIX, options, title=title, prepare=prepare, needs_badge=needs_badge)


def _decorate(function: Any, prefix: str, options: Any, **declared: Any) -> Any:
    # Attributes that `functools.wraps` copied from another plug-in are replaced too.
    declared = {"options_model": options, **declared}

    def decorate(function: Any) -> Any:
        if problem := _find_function_problem(function, prefix) or _find_declared_problem(**declared):
            msg = f"{_DECORATORS[prefix]} on '{_get_path(function)}': {problem}"
            raise ConfigurationError(msg)
        vars(function).update(declared)
        return function

    if function is None:
        return decorate
    if _is_options_model(function):
        name = function.__name__
        msg = f"{_DECORATORS[prefix]}: name the argument: {_DECORATORS[prefix]}(options={name})"
        raise ConfigurationError(msg)
    return decorate(function)


def _find_function_problem(function: Any, prefix: str) -> str:
    if not inspect.isfunction(function):
        kind = "class" if inspect.isclass(function) else type(function).__name__
        return f"this is a {kind}, not a function. Decorate a function, and put this decorator above other decorators"
    name = function.__name__
    if not name.startswith(prefix):
        fitting = next((decorator for other, decorator in _DECORATORS.items() if name.startswith(other)), "")
        if fitting:
            return f"use {fitting} for this function, or begin its name with '{prefix}'"
        return f"the name must begin with '{prefix}'. Rename the function, for example '{prefix}{name.lstrip('_')}'"
    owner = function.__qualname__.rpartition(".")[0]
    if owner and not owner.endswith("<locals>"):
        return f"this is a method of {owner}. Move the function to the top level of the module"
    return find_signature_problem(function, prefix)


def _find_declared_problem(
    options_model: Any, title: Any = "", prepare: Any = None, needs_badge: Any = False, criteria: Any = None
) -> str:
    if options_model is not None and not _is_options_model(options_model):
        return f"options must be a class derived from {Options.__module__}.Options, not {options_model!r}"
    if not isinstance(title, str | Promise):
        return f"title must be a text, not {title!r}"
    if problem := _find_writer_problem(criteria) or _find_switch_problem(needs_badge):
        return problem
    if prepare is None:
        return ""
    if not callable(prepare):
        return f"prepare must be a function, not {prepare!r}"
    problem = _find_binding_problem(prepare, ({}, object()))
    return f"prepare must be callable as (options, assets): {problem}" if problem else ""


def _find_switch_problem(needs_badge: Any) -> str:
    if isinstance(needs_badge, bool):
        return ""
    if not callable(needs_badge):
        return f"needs_badge must be True, False or a function, not {needs_badge!r}"
    problem = _find_binding_problem(needs_badge, ({},))
    return f"needs_badge must be callable as (options): {problem}" if problem else ""


def _find_writer_problem(criteria: Any) -> str:
    if criteria is None:
        return ""
    if isinstance(criteria, type):
        return f"criteria must be an object, not the class itself. Write {criteria.__name__}()"
    for name, args, said in (("collect", (object(),), "(source)"), ("write", ({}, "en"), "(facts, language)")):
        method = getattr(criteria, name, None)
        if not callable(method):
            return f"criteria must have the method {name}{said}, see CriteriaWriter"
        if problem := _find_binding_problem(method, args):
            return f"criteria.{name} must be callable as {said}: {problem}"
    return ""


def find_signature_problem(function: Callable[..., Any], prefix: str) -> str:
    """Return why the app cannot call a function as a plug-in, or an empty text.

    Args:
        function: the plug-in.
        prefix: `PROCESSOR_PREFIX` or `GENERATOR_PREFIX`: what kind of plug-in it is.
    """
    if inspect.iscoroutinefunction(function):
        return "must be a plain function, not an async one"
    if prefix == GENERATOR_PREFIX:
        problem = _find_binding_problem(function, (object(), {}))
        return f"must be callable as (credential, options): {problem}" if problem else ""
    problem = _find_binding_problem(function, ("key", {}), user_id=None)
    if not problem and "user_ids" in inspect.signature(function).parameters:
        problem = _find_binding_problem(function, ("key", {}), user_ids=[])
    return f"must be callable as (learning_context_key, options, user_id=None): {problem}" if problem else ""


def _find_binding_problem(function: Callable[..., Any], args: tuple[Any, ...], **kwargs: Any) -> str:
    try:
        inspect.signature(function).bind(*args, **kwargs)
    except TypeError as error:
        return str(error)
    return ""


def _is_options_model(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, Options)


def _get_path(function: Any) -> str:
    name = getattr(function, "__qualname__", None) or repr(function)
    return f"{getattr(function, '__module__', None) or '?'}.{name}"
