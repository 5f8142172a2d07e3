"""Find the ``retrieve_*`` and ``generate_*`` functions in the modules that the settings name.

Plug-ins are imported by name and not statically, so this module can be in a layer below them.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise

from learning_credentials.conf import get_settings
from learning_credentials.exceptions import ConfigurationError, UnknownFunctionError
from learning_credentials.plugins import GENERATOR_PREFIX, PROCESSOR_PREFIX, find_signature_problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType

    from learning_credentials.options import Options
    from learning_credentials.plugins import CriteriaWriter

ACRONYMS = frozenset({"pdf"})
BUILTIN_PROCESSOR_MODULES = ("learning_credentials.processors",)
BUILTIN_GENERATOR_MODULES = ("learning_credentials.generators",)


@dataclass(frozen=True)
class Plugin:
    """One plug-in that was found, with what it declares and what its signature shows."""

    path: str
    function: Callable[..., Any]
    options_model: type[Options] | None

    @property
    def label(self) -> str:
        """Return a name for people, such as "Subsection grades" for ``retrieve_subsection_grades``."""
        name = self.path.rpartition(".")[2].removeprefix(PROCESSOR_PREFIX).removeprefix(GENERATOR_PREFIX)
        first, _, rest = name.replace("_", " ").partition(" ")
        return f"{first.upper() if first in ACRONYMS else first.capitalize()} {rest}".rstrip()

    @property
    def title(self) -> str:
        """Return what the function does: its declared title, or else the first line of its docstring, or else its name in words."""
        declared = getattr(self.function, "title", "")
        said = str(declared) if isinstance(declared, str | Promise) else ""
        return said.strip() or self.summary.replace("`", "").strip().removesuffix(".") or self.label

    @property
    def summary(self) -> str:
        """Return the first line of the docstring."""
        return (inspect.getdoc(self.function) or "").partition("\n")[0]

    @property
    def accepts_user_ids(self) -> bool:
        """Return whether a processor accepts a batch of learners."""
        return "user_ids" in inspect.signature(self.function).parameters

    @property
    def criteria(self) -> CriteriaWriter | None:
        """Return what writes a processor's criteria, or None."""
        writer = getattr(self.function, "criteria", None)
        is_writer = callable(getattr(writer, "collect", None)) and callable(getattr(writer, "write", None))
        return writer if is_writer else None

    def needs_badge(self, options: Mapping[str, Any]) -> bool:
        """Return whether a generator with these options makes badges. It then needs the data of badges."""
        declared = getattr(self.function, "needs_badge", False)
        return bool(declared(options) if callable(declared) else declared)

    @property
    def prepare(self) -> Callable[..., Any] | None:
        """Return a generator's ``prepare(options, assets) -> renderer``, or None."""
        prepare = getattr(self.function, "prepare", None)
        return prepare if callable(prepare) else None


def list_processors() -> Mapping[str, Plugin]:
    """Return all ``retrieve_*`` functions by dotted path, in stable order.

    Raises:
        ConfigurationError: a module of ``PROCESSOR_MODULES`` cannot be imported, or a function in it has a wrong signature or
            declaration.
    """
    return _scan((*BUILTIN_PROCESSOR_MODULES, *get_settings().PROCESSOR_MODULES), PROCESSOR_PREFIX)


def list_generators() -> Mapping[str, Plugin]:
    """Return all ``generate_*`` functions by dotted path, in stable order. Raises like `list_processors`."""
    return _scan((*BUILTIN_GENERATOR_MODULES, *get_settings().GENERATOR_MODULES), GENERATOR_PREFIX)


def get_processor(path: str) -> Plugin:
    """Return one processor.

    Raises:
        UnknownFunctionError: there is no function with that path.
    """
    return _get(list_processors(), path, "processor", "PROCESSOR_MODULES")


def get_generator(path: str) -> Plugin:
    """Return one generator. Raises like `get_processor`."""
    return _get(list_generators(), path, "generator", "GENERATOR_MODULES")


def _get(plugins: Mapping[str, Plugin], path: str, kind: str, setting: str) -> Plugin:
    try:
        return plugins[path]
    except KeyError:
        msg = (
            f"'{path}' is not a known {kind}. The known ones are {', '.join(plugins)}. The setting {setting} "
            f"lists the modules with {kind}s"
        )
        raise UnknownFunctionError(msg) from None


@lru_cache(maxsize=16)
def _scan(module_names: tuple[str, ...], prefix: str) -> Mapping[str, Plugin]:
    found: dict[str, Plugin] = {}
    for module_name in module_names:
        try:
            module = import_module(module_name)
        except Exception as error:
            reason = str(error) if isinstance(error, ConfigurationError) else f"{type(error).__name__}: {error}"
            msg = f"the module '{module_name}' cannot be imported: {reason}"
            raise ConfigurationError(msg) from error
        for name, function in _public_functions(module, prefix):
            path = f"{module_name}.{name}"
            if problem := find_signature_problem(function, prefix):
                msg = f"'{path}' {problem}"
                raise ConfigurationError(msg)
            found[path] = Plugin(path, function, getattr(function, "options_model", None))
    return found


def _public_functions(module: ModuleType, prefix: str) -> list[tuple[str, Callable[..., Any]]]:
    """Return the functions that the module offers: those in its ``__all__``, or those defined in it and its submodules."""
    exported = getattr(module, "__all__", None)
    home = module.__name__
    return [
        (name, function)
        for name, function in vars(module).items()
        if name.startswith(prefix)
        and inspect.isfunction(function)
        and (name in exported if exported is not None else f"{function.__module__}.".startswith(f"{home}."))
    ]
